-- Which vertebrae of one patient were treated, when and with what?
-- Unit of analysis: the treated level (one row per procedure of the patient, whichever
-- of them the filters keep).
select
    procedures.patient_id,
    procedures.procedure_id,
    procedures.operated_on,
    procedures.level,
    levels.position,
    procedures.approach,
    procedures.cement_ml,
    min(procedures.operated_on) over (
        partition by procedures.level
        order by procedures.operated_on
        range between interval 1 day following and unbounded following
    ) as treated_again_on
from registry.procedures
inner join registry.levels using (level)
where procedures.patient_id = $patient_id
order by procedures.operated_on, levels.position, procedures.procedure_id
