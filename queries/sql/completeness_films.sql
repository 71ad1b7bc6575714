-- Which levels have any film at which visit?
-- Unit of analysis: the treated level (one row per level of the cohort and visit).
select distinct
    procedure_id,
    visit
from registry.radiographs
semi join cohort using (procedure_id)
where visit != 'other'
order by procedure_id, visit
