-- Who operated at all, whatever the filter?
-- Unit of analysis: the surgeon (one row each, the ones not recorded left out).
select distinct procedures.surgeon
from registry.procedures
where procedures.surgeon is not null
order by procedures.surgeon
