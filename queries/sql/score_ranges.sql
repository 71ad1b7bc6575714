-- Between which scores do the patients of the cohort lie at each visit?
-- Unit of analysis: the patient (one row per visit; quantiles are linear, R's type 7).
-- Scores belong to the patient's first operation.
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
        patient_id,
        visit,
        avg(value) as value
    from registry.follow_ups
    semi join of_index using (patient_id)
    where measure = $measure and visit != 'other'
    group by patient_id, visit
)

select
    visit,
    count(*) as n_values,
    quantile_cont(value, 0.1) as p10,
    quantile_cont(value, 0.25) as q1,
    quantile_cont(value, 0.5) as median,
    quantile_cont(value, 0.75) as q3,
    quantile_cont(value, 0.9) as p90
from scores
group by visit
