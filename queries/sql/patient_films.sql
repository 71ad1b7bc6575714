-- Which heights and angles of one patient's treated vertebrae are on record?
-- Unit of analysis: the treated level (one row per procedure, measure and visit; one
-- per day where the day lies in no window). A reader's repeats are averaged, then the
-- readers; where a level was treated again, the films of its first procedure end there.
with treated as (
    select
        procedure_id,
        min(operated_on) over (
            partition by level
            order by operated_on
            range between interval 1 day following and unbounded following
        ) as treated_again_on
    from registry.procedures
    where patient_id = $patient_id
),

readings as (
    select
        radiographs.procedure_id,
        radiographs.measure,
        radiographs.visit,
        case radiographs.visit when 'other' then radiographs.measured_on end as of_day,
        max(radiographs.measured_on) as measured_on,
        avg(radiographs.value) as value
    from registry.radiographs
    inner join treated using (procedure_id)
    where
        radiographs.measured_on is null
        or treated.treated_again_on is null
        or radiographs.measured_on < treated.treated_again_on
    group by
        radiographs.procedure_id,
        radiographs.measure,
        radiographs.visit,
        of_day,
        radiographs.reader
)

select
    procedure_id,
    measure,
    visit,
    max(measured_on) as measured_on,
    avg(value) as value
from readings
group by procedure_id, measure, visit, of_day
order by procedure_id, measure, measured_on, visit
