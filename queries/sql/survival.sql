-- From which day on is each patient of the cohort followed?
-- Unit of analysis: the patient (one row per patient of the cohort).
-- Time starts at the earliest operation that satisfies the filters.
select
    procedures.patient_id,
    min(procedures.operated_on) as started_on
from registry.procedures
semi join cohort using (procedure_id)
group by procedures.patient_id
order by procedures.patient_id
