-- How did a height or an angle of a treated vertebra run over the visits?
-- Unit of analysis: the treated level (one row per procedure and visit with a value).
-- A reader's repeats are averaged, then the readers; where a level was treated again,
-- the films of its first procedure end there. A posture keeps the films taken in it; a
-- film whose readings name more than one posture is of several.
with treated as (
    select
        procedure_id,
        patient_id,
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
        radiographs.measure,
        avg(radiographs.value) as value,
        min(lower(radiographs.posture)) as one_posture,
        max(lower(radiographs.posture)) as other_posture,
        bool_and(coalesce(radiographs.calibrated, false)) as calibrated
    from registry.radiographs
    inner join treated using (procedure_id)
    semi join cohort using (procedure_id)
    where
        radiographs.measure in ($measure, $reference)
        and radiographs.visit != 'other'
        and ($posture is null or lower(radiographs.posture) = lower($posture))
        and (
            radiographs.measured_on is null
            or treated.treated_again_on is null
            or radiographs.measured_on < treated.treated_again_on
        )
    group by
        radiographs.procedure_id,
        radiographs.visit,
        radiographs.measure,
        radiographs.reader
),

films as (
    select
        procedure_id,
        visit,
        avg(value) filter (where measure = $measure) as value,
        avg(value) filter (where measure = $reference) as reference,
        case
            when min(one_posture) = max(other_posture) then min(one_posture)
            when min(one_posture) is not null then 'several'
        end as posture,
        bool_and(calibrated) as calibrated
    from readings
    group by procedure_id, visit
)

select
    treated.patient_id,
    films.procedure_id,
    films.visit,
    films.value,
    films.posture,
    films.calibrated,
    coalesce(
        films.reference,
        avg(films.reference) over (partition by films.procedure_id)
    ) as reference
from films
inner join treated using (procedure_id)
order by treated.patient_id, films.procedure_id, films.visit
