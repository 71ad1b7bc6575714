-- What happened to the patients of the cohort?
-- Unit of analysis: the event (one row per recorded event of a patient of the cohort).
-- An event belongs to its patient, whichever procedures of the patient the filters
-- keep.
select
    events.patient_id,
    events.procedure_id,
    events.kind,
    events.occurred_on
from registry.events
semi join cohort using (patient_id)
order by events.patient_id, events.occurred_on, events.kind, events.procedure_id
