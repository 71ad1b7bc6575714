-- Which treated levels does a filter keep, and which would it keep but for one field?
-- Unit of analysis: the treated level (one row per procedure).
-- Members have no failed field; rows with one failed field serve that filter's counts.
with treated as (
    select
        procedures.patient_id,
        procedures.procedure_id,
        procedures.operated_on,
        procedures.level,
        levels.position,
        levels.region,
        coalesce(patients.primary_tumour, 'unrecorded') as primary_tumour,
        coalesce(patients.sex, 'unrecorded') as sex,
        coalesce(procedures.surgeon, 'unrecorded') as surgeon,
        coalesce(procedures.centre, 'unrecorded') as centre,
        case procedures.leak
            when true then 'yes' when false then 'no' else 'unrecorded'
        end as leak,
        min(procedures.operated_on) over patient as first_operated_on,
        year(min(procedures.operated_on) over patient) - patients.birth_year as age
    from registry.procedures
    inner join registry.patients using (patient_id)
    inner join registry.levels using (level)
    window patient as (partition by procedures.patient_id)
),

matched as (
    select
        *,
        coalesce(list_contains($region::varchar[], region), true) as in_region,
        coalesce(list_contains($level::varchar[], level), true) as at_level
    from treated
),

judged as (
    select
        *,
        coalesce(list_contains($primary_tumour::varchar[], primary_tumour), true)
            as has_tumour,
        case $region_rule
            when 'any' then bool_or(in_region) over patient
            when 'all' then bool_and(in_region) over patient
            else in_region
        end as has_region,
        case $region_rule
            when 'any' then bool_or(at_level) over patient
            when 'all' then bool_and(at_level) over patient
            else at_level
        end as has_level,
        coalesce(list_contains($sex::varchar[], sex), true) as has_sex,
        ($age_from is null or coalesce(age >= $age_from, false))
        and ($age_to is null or coalesce(age <= $age_to, false)) as has_age,
        year(operated_on) between coalesce($operated_from, 0)
        and coalesce($operated_to, 9999) as has_year,
        coalesce(list_contains($leak::varchar[], leak), true) as has_leak,
        coalesce(list_contains($surgeon::varchar[], surgeon), true) as has_surgeon,
        coalesce(list_contains($centre::varchar[], centre), true) as has_centre
    from matched
    window patient as (partition by patient_id)
),

failures as (
    select
        *,
        9 - has_tumour::integer - has_region::integer - has_level::integer
        - has_sex::integer - has_age::integer - has_year::integer
        - has_leak::integer - has_surgeon::integer - has_centre::integer as n_failed
    from judged
)

select
    patient_id,
    procedure_id,
    operated_on,
    first_operated_on,
    level,
    position,
    region,
    primary_tumour,
    sex,
    age,
    leak,
    surgeon,
    centre,
    case
        when n_failed = 0 then null
        when not has_tumour then 'primary_tumour'
        when not has_region then 'region'
        when not has_level then 'level'
        when not has_sex then 'sex'
        when not has_age then 'age'
        when not has_year then 'operated'
        when not has_leak then 'leak'
        when not has_surgeon then 'surgeon'
        else 'centre'
    end as failed_field
from failures
where n_failed <= 1
order by patient_id, operated_on, position, procedure_id
