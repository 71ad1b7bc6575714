-- In which postures were the films of the treated levels taken, and calibrated or not?
-- Unit of analysis: the film (a procedure at a visit), by posture; null where blank.
with films as (
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
)

select
    posture,
    count(*) as n_films,
    count(distinct procedure_id) as n_levels,
    count(distinct patient_id) as n_patients,
    count(*) filter (where not calibrated) as uncalibrated,
    list(distinct visit) as visits
from films
group by posture
order by n_films desc, posture asc
