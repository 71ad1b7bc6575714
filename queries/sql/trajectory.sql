-- How did a score run over the visits?
-- Unit of analysis: the patient (one row per patient and visit with a value).
-- Scores belong to the patient's first operation.
select
    follow_ups.patient_id,
    follow_ups.visit,
    avg(follow_ups.value) as value,
    max(follow_ups.measured_on) as measured_on
from registry.follow_ups
semi join cohort using (patient_id)
where follow_ups.measure = $measure and follow_ups.visit != 'other'
group by follow_ups.patient_id, follow_ups.visit
order by follow_ups.patient_id, follow_ups.visit
