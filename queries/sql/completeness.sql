-- How many have a value of each measure at each visit?
-- Unit of analysis: the patient for scores, the treated level for films (one row per
-- measure and visit). Scores belong to the patient's first operation.
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

scores as (
    select
        measure,
        visit,
        count(distinct patient_id) as n
    from registry.follow_ups
    semi join of_index using (patient_id)
    group by measure, visit
),

films as (
    select
        measure,
        visit,
        count(distinct procedure_id) as n
    from registry.radiographs
    semi join cohort using (procedure_id)
    group by measure, visit
)

select
    measure,
    visit,
    n
from scores
union all
select
    measure,
    visit,
    n
from films
order by measure, visit
