"""The choice of groups to compare, the same on every page of outcomes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pages.shared.panels import menu
from queries.grouping import GROUP_FIELDS, By

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.cohort import Selection

SURGEONS_VARIABLE = "KYPHO_COMPARE_SURGEONS"
NOBODY_APART = "none"
TITLES: dict[By, str] = {
    "primary_tumour": "tumour type",
    "region": "spinal region",
    "sex": "sex",
    "age_band": "age band",
    "leak": "cement leakage",
    "level": "level",
    "surgeon": "surgeon",
    "centre": "centre",
}
OF_PATIENTS: tuple[By, ...] = tuple(by for by in TITLES if by != "level")


def compares_surgeons() -> bool:
    """Tell whether the department allows its surgeons to be compared; it does not by default."""
    return os.environ.get(SURGEONS_VARIABLE, "").strip().lower() in {"1", "yes", "true", "on"}


def compared_by(page: str, chosen: Selection, fields: Sequence[By] = OF_PATIENTS) -> By | None:
    """Let the viewer choose which groups to compare, or none; kept in the address as ``by``."""
    offered = [field for field in fields if field in GROUP_FIELDS and _is_offered(field, chosen)]
    code = menu("by", "Compare by", [NOBODY_APART, *offered], _label, page=page)
    return next((field for field in offered if field == code), None)


def _is_offered(field: By, chosen: Selection) -> bool:
    if field == "surgeon":
        return compares_surgeons()
    return field != "centre" or len(chosen.options.get("centre", {})) > 1


def _label(code: str) -> str:
    return next((f"by {title}" for by, title in TITLES.items() if by == code), "no groups")
