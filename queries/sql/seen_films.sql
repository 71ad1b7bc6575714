-- At which visits were the levels of the cohort filmed?
-- Unit of analysis: the treated level (one row per procedure and visit with any film).
-- Films belong to their own procedure.
select distinct
    procedures.patient_id,
    procedures.procedure_id,
    radiographs.visit
from registry.radiographs
inner join registry.procedures using (procedure_id)
semi join cohort using (procedure_id)
where radiographs.visit != 'other'
order by
    procedures.patient_id,
    procedures.procedure_id,
    radiographs.visit
