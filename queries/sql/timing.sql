-- On which day was each score taken, whatever its visit?
-- Unit of analysis: the patient (one row per patient, visit and day with a value).
select
    follow_ups.patient_id,
    follow_ups.visit,
    follow_ups.measured_on,
    avg(follow_ups.value) as value
from registry.follow_ups
semi join cohort using (patient_id)
where follow_ups.measure = $measure
group by follow_ups.patient_id, follow_ups.visit, follow_ups.measured_on
order by follow_ups.patient_id, follow_ups.measured_on, follow_ups.visit
