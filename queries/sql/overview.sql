-- Who was seen at each visit?
-- Unit of analysis: the patient (one row per patient of the cohort and visit attended).
with seen as (
    select
        patient_id,
        visit
    from registry.follow_ups
    union
    select
        procedures.patient_id,
        radiographs.visit
    from registry.radiographs
    inner join registry.procedures using (procedure_id)
    semi join cohort using (procedure_id)
)

select
    seen.patient_id,
    seen.visit
from seen
semi join cohort using (patient_id)
where seen.visit != 'other'
order by seen.patient_id, seen.visit
