"""Import: a department's own tables become the registry, step by step, and back."""

from data.readers.refusal import RefusedError
from data.warehouse import RegistryError
from pages.shared.access import may_import
from pages.shared.cohort_bar import current_cohort
from pages.shared.upload import current
from pages.views import import_changes, import_columns, import_findings, import_upload
from pages.views.import_history import history_panel
from pages.views.import_steps import problem, steps

VIEWS = {
    "columns": import_columns.columns,
    "findings": import_findings.findings,
    "changes": import_changes.changes,
    "accept": import_changes.accepting,
}

current_cohort()
upload = current()
steps(upload)
if not may_import():
    import_upload.refusing()
else:
    try:
        if upload is None:
            import_upload.uploading()
        else:
            VIEWS[upload.step](upload)
    except RefusedError as error:
        problem(error.finding.advice)
    except RegistryError as error:
        problem(str(error))
if upload is None:
    history_panel()
