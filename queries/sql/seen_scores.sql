-- At which visits did the patients of the cohort have a score?
-- Unit of analysis: the patient (one row per patient and visit with any score).
-- Scores belong to the patient's first operation.
select distinct
    follow_ups.patient_id,
    follow_ups.visit
from registry.follow_ups
semi join cohort using (patient_id)
where follow_ups.visit != 'other'
order by
    follow_ups.patient_id,
    follow_ups.visit
