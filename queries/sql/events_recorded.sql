-- Is any event recorded in this registry at all?
-- Unit of analysis: the event (one row: how many there are of all patients together).
select count(*) as events
from registry.events
