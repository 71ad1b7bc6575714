"""How good the data are: what is recorded of what is due, and what the import found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from queries.completeness import Completeness, completeness
from queries.grouping import EVERYBODY
from queries.held_back import Held, Import, findings, held_back, imports

if TYPE_CHECKING:
    import polars as pl

    from data.warehouse import Reader
    from queries.cohort import Cohort
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class QualityRow:
    """One count of the data's quality.

    Parameters
    ----------
    what : {"recorded", "found"}
        Values of a column, or what a rule of the latest import found in it.
    table, field : str or None
        A column of the source format; `field` is None where a rule is about whole rows.
    visit : str or None
        The visit, for measures.
    rule, severity : str or None
        The rule and its severity, for what was found.
    count : int
        Patients (scores, columns of patients), treated levels (films, columns of procedures) or
        findings.
    out_of : int or None
        Those due at the visit, or all of whom it is asked; None for findings.
    """

    group: str
    what: Literal["recorded", "found"]
    table: str
    field: str | None
    count: int
    out_of: int | None = None
    visit: str | None = None
    rule: str | None = None
    severity: str | None = None


@dataclass(frozen=True)
class Quality:
    """Completeness of a cohort, and what the latest import found in the whole source.

    Parameters
    ----------
    found : polars.DataFrame
        The findings of the rule that was asked for, or of all, as `findings` returns them.
    comparisons : tuple of Comparison
        None: the data's quality is described and not tested.
    """

    completeness: Completeness
    held: tuple[Held, ...]
    imports: tuple[Import, ...]
    found: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[QualityRow, ...]:
        """Return every count."""
        recorded = (
            QualityRow(EVERYBODY, "recorded", one.table, one.field, one.n, one.out_of, one.visit)
            for one in (*self.completeness.measured, *self.completeness.once)
        )
        found = (
            QualityRow(
                EVERYBODY,
                "found",
                one.table,
                one.field,
                one.n,
                rule=one.rule,
                severity=one.severity,
            )
            for one in self.held
        )
        return (*recorded, *found)


def quality(reader: Reader, cohort: Cohort, *, rule: str | None = None) -> Quality:
    """Count what is recorded of what is due, and what the latest import found.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter; what the import found is counted whatever it is.
    rule : str, optional
        A rule whose findings are listed alone.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    return Quality(
        completeness=completeness(reader, cohort),
        held=held_back(reader, cohort),
        imports=imports(reader, cohort),
        found=findings(reader, cohort, rule=rule),
    )
