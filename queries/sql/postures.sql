-- In which postures were the films of the treated levels taken, and calibrated or not?
-- Unit of analysis: the film (a procedure at a visit), by posture; null where blank.
select
    procedures.patient_id,
    radiographs.procedure_id,
    radiographs.visit,
    lower(radiographs.posture) as posture,
    bool_and(coalesce(radiographs.calibrated, false)) as calibrated
from registry.radiographs
inner join registry.procedures using (procedure_id)
semi join cohort using (procedure_id)
where radiographs.visit != 'other'
group by
    procedures.patient_id,
    radiographs.procedure_id,
    radiographs.visit,
    lower(radiographs.posture)
