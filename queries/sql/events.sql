-- What happened to the patients of the cohort?
-- Unit of analysis: the event (one row per recorded event of a patient of the cohort).
-- An event belongs to its patient, whichever procedures of the patient the filters
-- keep; its level is that of the procedure that it was recorded with.
select
    events.patient_id,
    events.procedure_id,
    procedures.level,
    events.kind,
    events.occurred_on
from registry.events
semi join cohort on events.patient_id = cohort.patient_id
left join registry.procedures on events.procedure_id = procedures.procedure_id
order by events.patient_id, events.occurred_on, events.kind, events.procedure_id
