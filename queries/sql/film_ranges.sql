-- Between which heights or angles do the cohort's treated vertebrae lie at each visit?
-- Unit of analysis: the treated level (one row per visit; quantiles are linear, type 7
-- of R). A reader's repeats are averaged, then the readers; where a level was treated
-- again, the films of its first procedure end there.
with treated as (
    select
        procedure_id,
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
        avg(radiographs.value) as value
    from registry.radiographs
    inner join treated using (procedure_id)
    semi join cohort using (procedure_id)
    where
        radiographs.measure = $film
        and radiographs.visit != 'other'
        and (
            radiographs.measured_on is null
            or treated.treated_again_on is null
            or radiographs.measured_on < treated.treated_again_on
        )
    group by radiographs.procedure_id, radiographs.visit, radiographs.reader
),

films as (
    select
        procedure_id,
        visit,
        avg(value) as value
    from readings
    group by procedure_id, visit
)

select
    visit,
    count(*) as n_values,
    quantile_cont(value, 0.1) as p10,
    quantile_cont(value, 0.25) as q1,
    quantile_cont(value, 0.5) as median,
    quantile_cont(value, 0.75) as q3,
    quantile_cont(value, 0.9) as p90
from films
group by visit
