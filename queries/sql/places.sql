-- Where was each patient treated, whatever the filter?
-- Unit of analysis: the patient (one row per patient and vertebra treated).
select distinct
    procedures.patient_id,
    levels.level,
    levels.region
from registry.procedures
inner join registry.levels using (level)
