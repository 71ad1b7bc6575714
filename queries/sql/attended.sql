-- At which visits was a measure taken at all, in the whole registry?
-- Unit of analysis: the visit (one row per visit).
select visit
from registry.follow_ups
where measure = $measure and visit != 'other'
union
select visit
from registry.radiographs
where measure = $measure and visit != 'other'
