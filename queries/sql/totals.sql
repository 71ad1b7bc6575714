-- How large is the whole registry, and between which bounds do its filters move?
-- Unit of analysis: the patient and the treated level (one row in all).
with first_operations as (
    select
        patient_id,
        min(operated_on) as first_operated_on
    from registry.procedures
    group by patient_id
)

select
    count(*) as n_patients,
    (select count(*) from registry.procedures) as n_levels,
    (select min(year(operated_on)) from registry.procedures) as first_year,
    (select max(year(operated_on)) from registry.procedures) as last_year,
    min(year(first_operations.first_operated_on) - patients.birth_year) as youngest,
    max(year(first_operations.first_operated_on) - patients.birth_year) as oldest
from first_operations
inner join registry.patients using (patient_id)
