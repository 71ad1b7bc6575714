-- How often did each rule of the latest import find something, and where?
-- Unit of analysis: the finding (one row per table, column and rule with their number;
-- an import without any is one row without a rule). Table and column are those of the
-- source format, or the source's own where none of ours is to blame.
with latest as (
    select max(import_id) as import_id
    from registry.imports
)

select
    findings.rule,
    findings.severity,
    coalesce(findings.target, findings.table) as place,
    coalesce(findings.field, findings.column) as field,
    count(findings.rule) as n
from latest
left join registry.findings
    on latest.import_id = findings.import_id
group by all
order by all
