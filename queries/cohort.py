"""The cohort: which treated levels a filter keeps, as one frozen value."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal, cast

import polars as pl

from data.codebook import LEAK_STATES, LEVELS, REGIONS, SEXES, region_label, tumours
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.warehouse import Reader

UNRECORDED = "unrecorded"
RegionRule = Literal["level", "any", "all"]
REGION_RULES: dict[str, str] = {
    "level": "only these levels",
    "any": "all levels of these patients",
    "all": "patients with these levels only",
}
LIST_FIELDS = ("primary_tumour", "region", "level", "sex", "leak", "surgeon", "centre")
PLACE_FIELDS = ("region", "level")
NUMBER_FIELDS = ("age_from", "age_to", "operated_from", "operated_to")


class CohortError(ValueError):
    """A field or code that no cohort has; the message names it and what is known."""


def _vocabulary(field: str) -> tuple[str, ...] | None:
    known: dict[str, tuple[str, ...]] = {
        "primary_tumour": (*tumours(), UNRECORDED),
        "region": REGIONS,
        "level": LEVELS,
        "sex": (*SEXES, UNRECORDED),
        "leak": tuple(LEAK_STATES),
        "region_rule": tuple(REGION_RULES),
    }
    return known.get(field)


@dataclass(frozen=True)
class FilterPart:
    """One active filter value: its field, its code and how it reads."""

    field: str
    code: str
    text: str


@dataclass(frozen=True)
class Cohort:
    """A filter on the registry; a field that is None filters nothing.

    Parameters
    ----------
    primary_tumour, region, level, sex, leak, surgeon, centre : tuple of str, optional
        Sorted codes of which one must match; ``unrecorded`` stands for blank.
    region_rule : {"level", "any", "all"}
        Governs `region` and `level`: keep the matching levels; keep every level of patients
        with a match; keep patients whose every level matches.
    age_from, age_to : int, optional
        Age in years at the first operation, both ends included.
    operated_from, operated_to : int, optional
        Year of the operation, both ends included.
    """

    primary_tumour: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    level: tuple[str, ...] | None = None
    region_rule: RegionRule = "level"
    sex: tuple[str, ...] | None = None
    age_from: int | None = None
    age_to: int | None = None
    operated_from: int | None = None
    operated_to: int | None = None
    leak: tuple[str, ...] | None = None
    surgeon: tuple[str, ...] | None = None
    centre: tuple[str, ...] | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether any field narrows the registry; a rule alone does not."""
        return replace(self, region_rule="level") != Cohort()

    @classmethod
    def from_codes(cls, codes: Mapping[str, Sequence[str]]) -> Cohort:
        """Make a cohort from field names and codes, as on the command line and in a link.

        Raises
        ------
        CohortError
            If a field or a code is unknown; the message names it.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, object] = {}
        for field, given in codes.items():
            if field not in known:
                raise CohortError(
                    f"Unknown filter `{field}`. Known are: {', '.join(sorted(known))}."
                )
            values[field] = _value(field, given)
        return cls(**values)  # type: ignore[arg-type]

    def to_codes(self) -> dict[str, list[str]]:
        """Return the active fields and their codes; `from_codes` reads them back."""
        codes: dict[str, list[str]] = {}
        for field in LIST_FIELDS:
            chosen = getattr(self, field)
            if chosen:
                codes[field] = list(chosen)
        for field in NUMBER_FIELDS:
            number = getattr(self, field)
            if number is not None:
                codes[field] = [str(number)]
        if self.region_rule != "level":
            codes["region_rule"] = [self.region_rule]
        return codes

    def without(self, part: FilterPart) -> Cohort:
        """Return the cohort with one active filter value removed."""
        if part.field in LIST_FIELDS:
            left = tuple(code for code in getattr(self, part.field) or () if code != part.code)
            return replace(self, **{part.field: left or None})  # type: ignore[arg-type]
        names = ("age_from", "age_to") if part.field == "age" else ("operated_from", "operated_to")
        return replace(self, **dict.fromkeys(names))  # type: ignore[arg-type]

    def toggled(self, field: str, code: str) -> Cohort:
        """Return the cohort with one code of a list field added, or removed where it is there."""
        codes = self.to_codes()
        now = codes.pop(field, [])
        then = [one for one in now if one != code] if code in now else [*now, code]
        return Cohort.from_codes({**codes, field: then} if then else codes)

    def parts(self, convention: str = "junction") -> tuple[FilterPart, ...]:
        """Return the active filter values, each with the words that describe it."""
        parts = [
            FilterPart(field, code, _text(field, code, convention))
            for field in LIST_FIELDS
            for code in getattr(self, field) or ()
        ]
        if self.age_from is not None or self.age_to is not None:
            parts.append(FilterPart("age", "", f"aged {_range(self.age_from, self.age_to)}"))
        if self.operated_from is not None or self.operated_to is not None:
            span = _range(self.operated_from, self.operated_to)
            parts.append(FilterPart("operated", "", f"operated {span}"))
        return tuple(parts)

    def sentence(self, convention: str = "junction") -> str:
        """Describe the filter in words, without counts."""
        parts = self.parts(convention)
        if not parts:
            return "All patients"
        by_field: dict[str, list[str]] = {}
        for part in parts:
            by_field.setdefault(part.field, []).append(part.text)
        words = [" or ".join(texts) for texts in by_field.values()]
        if self.region or self.level:
            words.append(REGION_RULES[self.region_rule])
        return "; ".join(words)


def _range(low: int | None, high: int | None) -> str:
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"from {low}"
    return f"{low} to {high}"


def _value(field: str, given: Sequence[str]) -> object:
    if field in NUMBER_FIELDS:
        return _whole_number(field, given)
    vocabulary = _vocabulary(field)
    for code in given:
        if vocabulary is not None and code not in vocabulary:
            raise CohortError(f"Unknown {field} `{code}`. Known are: {', '.join(vocabulary)}.")
    if field == "region_rule":
        if len(given) != 1:
            raise CohortError("`region_rule` takes one of level, any, all.")
        return given[0]
    order = vocabulary or tuple(sorted(set(given)))
    return tuple(code for code in order if code in given) or None


def _whole_number(field: str, given: Sequence[str]) -> int:
    if len(given) != 1 or not re.fullmatch(r"[0-9]{1,4}", given[0]):
        raise CohortError(f"`{field}` takes one whole number, got `{','.join(given)}`.")
    return int(given[0])


def code_label(field: str, code: str, convention: str = "junction") -> str:
    """Return how a code of a field reads: ``F`` of ``sex`` is ``women``."""
    if code == UNRECORDED and field != "leak":
        return "not recorded"
    if field == "primary_tumour" and code in tumours():
        return tumours()[code].label
    if field == "region" and code in REGIONS:
        return region_label(code, convention)
    if field == "sex":
        return SEXES.get(code, code)
    return LEAK_STATES[code] if field == "leak" else code


def _text(field: str, code: str, convention: str) -> str:
    label = code_label(field, code, convention)
    prefixes = {"surgeon": "surgeon ", "centre": "centre "}
    if code == UNRECORDED and field in ("primary_tumour", "sex"):
        return {"primary_tumour": "tumour", "sex": "sex"}[field] + " not recorded"
    return prefixes.get(field, "") + label


@dataclass(frozen=True)
class Selection:
    """The members of a cohort, with what each filter option would keep.

    Parameters
    ----------
    members : polars.DataFrame
        One row per treated level: patient_id, procedure_id, operated_on, first_operated_on,
        level, position, region, primary_tumour, sex, age (years), leak, surgeon, centre and
        person (the patient as a number).
    options : dict
        For each list field, the number of patients behind each code, the field's own filter
        left aside and all others applied.
    """

    cohort: Cohort
    convention: str
    synthetic: bool
    members: pl.DataFrame
    options: dict[str, dict[str, int]]
    n_patients: int
    n_levels: int
    n_patients_all: int
    n_levels_all: int
    ages: tuple[int, int] | None
    years: tuple[int, int] | None

    @property
    def sentence(self) -> str:
        """Return the cohort in one sentence with both denominators."""
        words = self.cohort.sentence(self.convention)
        counts = (
            f"{self.n_patients} of {self.n_patients_all} patients, "
            f"{self.n_levels} of {self.n_levels_all} levels"
        )
        mark = " SYNTHETIC example data." if self.synthetic else ""
        if self.n_patients_all == 0:
            return f"{words}: the registry holds no procedures yet.{mark}"
        if self.n_patients == 0:
            return f"{words}: nobody in the registry matches ({counts}).{mark}"
        return f"{words}: {counts}.{mark}"


def selection(reader: Reader, cohort: Cohort) -> Selection:
    """Find the members of a cohort and make them the reader's table ``cohort``.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry; its table ``cohort`` is set to the members.
    cohort : Cohort
        The filter.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    kept = reader.kept.get("selection")
    if isinstance(kept, Selection) and kept.cohort == cohort:
        return kept
    chosen = _select(reader, cohort)
    adopt(reader, chosen)
    return chosen


def adopt(reader: Reader, chosen: Selection) -> None:
    """Make the members of a selection the reader's table ``cohort``."""
    reader.kept.clear()
    reader.kept["selection"] = chosen
    reader.register("cohort", chosen.members)


def members_of(reader: Reader) -> pl.DataFrame:
    """Return the members of the cohort that the reader's table ``cohort`` holds."""
    return cast("Selection", reader.kept["selection"]).members


def treated_levels(reader: Reader) -> pl.DataFrame:
    """Return every treated level of the registry as `Selection.members` has those of a cohort."""
    return reader.constant(statement("treated"))


def _select(reader: Reader, cohort: Cohort) -> Selection:
    near = _near(treated_levels(reader), cohort)
    members = near.filter(pl.col("failed_field").is_null()).drop("failed_field")
    totals = reader.constant(statement("totals")).row(0, named=True)
    return Selection(
        cohort=cohort,
        convention=reader.registry.region_convention,
        synthetic=reader.registry.synthetic,
        members=members,
        options={
            field: _options(reader, _others(near, members, cohort, field), cohort, field)
            for field in LIST_FIELDS
        },
        n_patients=members["person"].n_unique(),
        n_levels=members.height,
        n_patients_all=totals["n_patients"],
        n_levels_all=totals["n_levels"],
        ages=_bounds(totals["youngest"], totals["oldest"]),
        years=_bounds(totals["first_year"], totals["last_year"]),
    )


def _near(treated: pl.DataFrame, cohort: Cohort) -> pl.DataFrame:
    """Keep the levels that at most one field rules out, with that field as `failed_field`."""
    fails = _failures(cohort)
    if not fails:
        return treated.with_columns(failed_field=pl.lit(None, pl.String))
    first = [pl.when(failed).then(pl.lit(field)) for field, failed in fails.items()]
    return (
        treated.with_columns(
            failed_field=pl.coalesce(first), n_failed=pl.sum_horizontal(fails.values())
        )
        .filter(pl.col("n_failed") <= 1)
        .drop("n_failed")
    )


def _failures(cohort: Cohort) -> dict[str, pl.Expr]:
    """Return, for each active field, whether it rules a level out."""
    keeps: dict[str, pl.Expr] = {}
    for field in LIST_FIELDS:
        if chosen := getattr(cohort, field):
            keeps[field] = pl.col(field).is_in(chosen)
    for field in set(PLACE_FIELDS) & set(keeps):
        if cohort.region_rule == "any":
            keeps[field] = keeps[field].any().over("person")
        elif cohort.region_rule == "all":
            keeps[field] = keeps[field].all().over("person")
    years = pl.col("operated_on").dt.year()
    ranges = {
        "age": _between(pl.col("age"), cohort.age_from, cohort.age_to),
        "operated": _between(years, cohort.operated_from, cohort.operated_to),
    }
    keeps |= {field: inside for field, inside in ranges.items() if inside is not None}
    return {field: ~kept for field, kept in keeps.items()}


def _between(value: pl.Expr, low: int | None, high: int | None) -> pl.Expr | None:
    """Return whether a value lies in a range, both ends included; a missing value does not."""
    bounds = [value >= low] if low is not None else []
    bounds += [value <= high] if high is not None else []
    return pl.all_horizontal(bounds).fill_null(value=False) if bounds else None


def _bounds(low: int | None, high: int | None) -> tuple[int, int] | None:
    return None if low is None or high is None else (low, high)


def _others(near: pl.DataFrame, members: pl.DataFrame, cohort: Cohort, field: str) -> pl.DataFrame:
    """Return the levels that all other fields keep."""
    if not getattr(cohort, field):
        return members
    return near.filter(pl.col("failed_field").is_null() | (pl.col("failed_field") == field))


def _options(reader: Reader, others: pl.DataFrame, cohort: Cohort, field: str) -> dict[str, int]:
    if field in PLACE_FIELDS and cohort.region_rule != "level":
        behind = _places(reader, others, field, cohort.region_rule)
    else:
        behind = others.group_by(field).agg(pl.col("person").n_unique())
    found = dict(behind.iter_rows())
    order = _vocabulary(field) or tuple(sorted(found))
    return {code: found[code] for code in order if code in found}


def _places(reader: Reader, others: pl.DataFrame, field: str, rule: RegionRule) -> pl.DataFrame:
    """Count the patients who may be found by each place: they have it, or nothing else."""
    places = treated_levels(reader).join(others, on="person", how="semi")
    behind = places.select("person", field).unique()
    kept = behind if rule == "any" else behind.filter(pl.len().over("person") == 1)
    return kept.group_by(field).len()
