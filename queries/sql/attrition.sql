-- At which visits was anybody of the whole registry seen at all?
-- Unit of analysis: the visit (one row per visit).
select visit
from registry.follow_ups
where visit != 'other'
union
select visit
from registry.radiographs
where visit != 'other'
