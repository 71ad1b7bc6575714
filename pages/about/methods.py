"""Methods: what each number is, from the codebook and the code that computes it."""

from pages.shared import sentences, tables
from pages.shared.ask import current_registry
from pages.shared.cohort_bar import current_cohort
from pages.shared.methods import (
    band_limit_rows,
    documented,
    limit_rows,
    measure_paragraphs,
    threshold_rows,
)
from pages.shared.panels import heading, say, table_text

current_cohort()
registry = current_registry()
heading("Methods", [sentences.METHODS], synthetic=registry.synthetic)
say(
    sentences.registry_sentence(registry),
    "#### Two units of analysis",
    sentences.UNITS,
    "#### Measures",
    *(f"**{title}.** {text}" for title, text in measure_paragraphs()),
    "#### Published thresholds",
    table_text(threshold_rows()),
    "#### Published bands of a scale",
    table_text(band_limit_rows()),
    "#### Visits",
    table_text(tables.window_rows()),
    "#### Limits that decide whether there is a test",
    table_text(limit_rows()),
)
say(
    "#### Statistics",
    *(f"**{title}.** {text}" for title, text in documented()),
)
