-- Which scores of one patient are on record, those outside every window included?
-- Unit of analysis: the score (one row per measure and visit; one per day where the
-- day lies in no visit's window).
select
    follow_ups.measure,
    follow_ups.visit,
    max(follow_ups.measured_on) as measured_on,
    avg(follow_ups.value) as value
from registry.follow_ups
where follow_ups.patient_id = $patient_id
group by
    follow_ups.measure,
    follow_ups.visit,
    case follow_ups.visit when 'other' then follow_ups.measured_on end
order by follow_ups.measure, measured_on, follow_ups.visit
