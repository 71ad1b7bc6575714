-- What did each reader read on the films that several of them read?
-- Unit of analysis: the film of a treated level (one row per film and reader).
-- A reader's repeats are averaged. Films of a level that was treated again end there.
with treated as (
    select
        procedure_id,
        patient_id,
        level,
        min(operated_on) over (
            partition by patient_id, level
            order by operated_on
            range between interval 1 day following and unbounded following
        ) as treated_again_on
    from registry.procedures
),

readings as (
    select
        radiographs.procedure_id,
        radiographs.visit,
        radiographs.reader,
        avg(radiographs.value) as value
    from registry.radiographs
    inner join treated using (procedure_id)
    semi join cohort using (procedure_id)
    where
        radiographs.measure = $film
        and radiographs.visit != 'other'
        and radiographs.reader is not null
        and (
            radiographs.measured_on is null
            or treated.treated_again_on is null
            or radiographs.measured_on < treated.treated_again_on
        )
    group by
        radiographs.procedure_id,
        radiographs.visit,
        radiographs.reader
)

select
    treated.patient_id,
    treated.level,
    readings.procedure_id,
    readings.visit,
    readings.reader,
    readings.value
from readings
inner join treated using (procedure_id)
qualify count(*) over (partition by readings.procedure_id, readings.visit) > 1
order by
    treated.patient_id,
    readings.procedure_id,
    readings.visit,
    readings.reader
