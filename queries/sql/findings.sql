-- What did the latest import find, where, and what is to be done about it?
-- Unit of analysis: the finding (one row each; an import without any is one row of
-- blanks).
with latest as (
    select max(import_id) as import_id
    from registry.imports
)

select
    findings.table,
    findings.row,
    findings.column,
    findings.rule,
    findings.severity,
    findings.value,
    findings.advice
from latest
left join registry.findings
    on
        latest.import_id = findings.import_id
        and findings.rule = coalesce($rule, findings.rule)
order by findings.table, findings.row, findings.column, findings.rule
limit $most
