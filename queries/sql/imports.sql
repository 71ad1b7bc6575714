-- Which imports led to this registry?
-- Unit of analysis: the import (one row each, the latest first).
select
    import_id,
    source_name,
    imported_at,
    rows_read,
    rows_kept,
    rows_held_back,
    mapping
from registry.imports
order by import_id desc
