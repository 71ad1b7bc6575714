"""One codec between what is chosen and the address: codes as values, never a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queries.cohort import Cohort, CohortError

if TYPE_CHECKING:
    from collections.abc import Mapping

SEPARATOR = ","
VIEW_FIELDS = (
    *("measure", "view", "threshold", "scale", "by", "among", "kind"),
    *("height", "posture", "until", "visit", "formula", "rows", "part", "score", "at"),
    *("axis", "upto", "visit", "unit", "layout", "order"),
    *("target", "limit", "rule"),
)


def to_params(cohort: Cohort) -> dict[str, str]:
    """Return the query parameters of a cohort."""
    return {field: SEPARATOR.join(codes) for field, codes in cohort.to_codes().items()}


def from_params(params: Mapping[str, str]) -> tuple[Cohort, tuple[str, ...]]:
    """Read a cohort from query parameters, with the values that were not understood."""
    codes: dict[str, list[str]] = {}
    problems = []
    for field, value in params.items():
        if field in VIEW_FIELDS:
            continue
        for code in value.split(SEPARATOR):
            try:
                Cohort.from_codes({field: [code]})
            except CohortError:
                problems.append(f"{field}={code}")
            else:
                codes.setdefault(field, []).append(code)
    try:
        return Cohort.from_codes(codes), tuple(problems)
    except CohortError as error:
        return Cohort(), (*problems, str(error))
