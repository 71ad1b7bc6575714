-- How many have each entry that is asked for once?
-- Unit of analysis: the patient, or the treated level (one row per table and column);
-- how a leak was looked for is asked of the levels at which it was.
with people as (
    select
        ['sex', 'birth_year', 'primary_tumour', 'last_seen_on'] as columns_asked,
        [count(sex), count(birth_year), count(primary_tumour), count(last_seen_on)]
            as n_given,
        [count(*), count(*), count(*), count(*)] as n_asked
    from registry.patients
    semi join cohort using (patient_id)
),

treated as (
    select
        ['leak', 'leak_modality', 'cement_ml', 'approach', 'surgeon', 'centre']
            as columns_asked,
        [
            count(leak),
            count(leak_modality) filter (where leak is not null),
            count(cement_ml),
            count(approach),
            count(surgeon),
            count(centre)
        ] as n_given,
        [count(*), count(leak), count(*), count(*), count(*), count(*)] as n_asked
    from registry.procedures
    semi join cohort using (procedure_id)
)

select
    'patients' as place,
    unnest(columns_asked) as field,
    unnest(n_given) as n,
    unnest(n_asked) as out_of
from people
union all
select
    'procedures' as place,
    unnest(columns_asked) as field,
    unnest(n_given) as n,
    unnest(n_asked) as out_of
from treated
