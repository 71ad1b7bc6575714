-- Who was seen at each visit?
-- Unit of analysis: the patient (one row per patient of the cohort and visit attended).
-- Scores belong to the patient's first operation, films to their own procedure.
with first_operations as (
    select
        patient_id,
        min(operated_on) as operated_on
    from registry.procedures
    group by patient_id
),

of_index as (
    select procedures.patient_id
    from registry.procedures
    semi join cohort using (procedure_id)
    semi join first_operations using (patient_id, operated_on)
),

seen as (
    select
        patient_id,
        visit
    from registry.follow_ups
    semi join of_index using (patient_id)
    union
    select
        procedures.patient_id,
        radiographs.visit
    from registry.radiographs
    inner join registry.procedures using (procedure_id)
    semi join cohort using (procedure_id)
)

select
    patient_id,
    visit
from seen
where visit != 'other'
order by patient_id, visit
