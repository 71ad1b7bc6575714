-- Which treated levels leaked cement, where, and with symptoms?
-- Unit of analysis: the treated level (one row per procedure of the cohort).
with places as (
    select
        procedure_id,
        list(location order by location, route) as locations,
        list(coalesce(route, 'unrecorded') order by location, route) as routes
    from registry.leaks
    group by procedure_id
)

select
    procedures.patient_id,
    procedures.procedure_id,
    procedures.leak,
    procedures.leak_symptomatic,
    procedures.leak_modality,
    procedures.cement_ml,
    places.locations,
    places.routes
from registry.procedures
semi join cohort using (procedure_id)
left join places using (procedure_id)
order by procedures.patient_id, procedures.procedure_id
