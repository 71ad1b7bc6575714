-- Which levels were treated, in whom, by whom, and did cement leak?
-- Unit of analysis: the treated level (one row per procedure), whatever the filter.
-- Blank reads `unrecorded`; the age is that of the patient's first operation.
select
    procedures.patient_id,
    procedures.procedure_id,
    procedures.operated_on,
    procedures.level,
    levels.position,
    levels.region,
    min(procedures.operated_on) over patient as first_operated_on,
    coalesce(patients.primary_tumour, 'unrecorded') as primary_tumour,
    coalesce(patients.sex, 'unrecorded') as sex,
    year(min(procedures.operated_on) over patient) - patients.birth_year as age,
    case procedures.leak
        when true then 'yes' when false then 'no' else 'unrecorded'
    end as leak,
    coalesce(procedures.surgeon, 'unrecorded') as surgeon,
    coalesce(procedures.centre, 'unrecorded') as centre,
    dense_rank() over (order by procedures.patient_id) as person
from registry.procedures
inner join registry.patients using (patient_id)
inner join registry.levels using (level)
window patient as (partition by procedures.patient_id)
order by
    procedures.patient_id,
    procedures.operated_on,
    levels.position,
    procedures.procedure_id
