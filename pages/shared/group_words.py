"""What a comparison of groups says: one line, one plain sentence and its small tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.charts.leakage import FEWEST
from pages.shared.wording import (
    THIN,
    interval,
    number,
    of_unit,
    p_equals,
    p_value,
    percent,
    plain,
    plural,
    visit_label,
)
from queries.grouping import group_label
from queries.statistics.limits import ALPHA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.alignment import Alignment
    from queries.leakage import Leakage
    from queries.statistics.results import Comparison, Pairwise
    from queries.trajectory import Trajectory

FIELDS = {
    "primary_tumour": "tumour type",
    "region": "spinal region",
    "sex": "sex",
    "age_band": "age band",
    "leak": "cement leakage",
    "level": "level",
    "surgeon": "surgeon",
    "centre": "centre",
}
UNBOUNDED = "differences between them cannot be excluded"
Row = dict[str, str]


@dataclass(frozen=True)
class GroupNames:
    """How the codes of groups read; equal where they read alike, so that a drawing is kept."""

    by: str
    convention: str

    def __call__(self, code: str) -> str:
        """Return how the group of a code reads."""
        return group_label(self.by, code, self.convention)


def group_name(test: Comparison, code: str, convention: str) -> str:
    """Return how a group of a comparison reads, none of it as markup."""
    return plain(group_label(test.by or "", code, convention))


def _names(test: Comparison, convention: str) -> list[str]:
    return [group_name(test, code, convention) for code in test.groups or ()]


def _less(groups: Sequence[str]) -> str:
    return f"{groups[0]} less {groups[1]}"


def notes_words(test: Comparison) -> str:
    """Print the notes of a test as sentences, none of them as markup."""
    return " ".join(f"{plain(note[0].upper() + note[1:])}." for note in test.notes)


def p_words(test: Comparison) -> str:
    """Print the P of a test, raw and adjusted where it stands in a family."""
    if test.p is None or test.p_adjusted is None:
        return "no P"
    if (test.family_size or 1) < 2:
        return p_equals(test.p)
    family = plural(test.family_size or 0, "test")
    return f"{p_equals(test.p)} (raw), {p_equals(test.p_adjusted)} ({test.adjustment}, {family})"


def _rests_on(test: Comparison, of_patients: int) -> str:
    levels = "" if test.n_levels is None else f" ({plural(test.n_levels, 'level')})"
    words = f"{test.n_patients} of {plural(of_patients, 'patient')}{levels}"
    return words + (f", {test.n_excluded} not compared" if test.n_excluded else "")


def group_line(test: Comparison, decimals: int, *, of_patients: int, convention: str) -> str:
    """Print one comparison of groups in one line: method, statistic, P, effect, estimate, n."""
    names = _names(test, convention)
    between = f" ({', '.join(names)})" if names else ""
    rests = _rests_on(test, of_patients)
    if test.refused or test.p is None:
        return f"No test between groups{between}: {plain(str(test.refused))}; {rests}."
    df = f", df = {number(test.df, 0)}" if test.df is not None else ""
    places = 1 if test.statistic_name == "W" else 2
    effect = f", {test.effect_name} {number(test.effect, 2)}" if test.effect is not None else ""
    return (
        f"{test.method}{between}: {test.statistic_name} = {number(test.statistic, places)}{df}, "
        f"{p_words(test)}{effect}{_shift(test, decimals, names)}; {rests}."
    )


def _shift(test: Comparison, decimals: int, names: Sequence[str]) -> str:
    if test.estimate is None or len(names) != 2:
        return ""
    scale, unit = _scaled(test)
    low = None if test.ci_low is None else test.ci_low * scale
    high = None if test.ci_high is None else test.ci_high * scale
    value = number(test.estimate * scale, decimals, sign=True)
    span = interval(low, high, decimals, test.ci_level)
    return f"; {test.estimate_name}, {_less(names)}, {value}{unit} ({span})"


def is_rate(test: Comparison) -> bool:
    """Tell whether the estimate is a difference between two rates, a fraction."""
    return test.outcome == "leak" or test.outcome.endswith("responders")


def _scaled(test: Comparison) -> tuple[float, str]:
    return (100.0, " percentage points") if is_rate(test) else (1.0, "")


def group_sentence(
    test: Comparison, subject: str, decimals: int, unit: str, *, convention: str
) -> str:
    """Say a comparison of groups, never more than its interval allows."""
    by = FIELDS.get(test.by or "", test.by or "")
    when = "" if test.visit is None else f", {visit_label(test.visit)}"
    head = f"{subject} by {by}{when}"
    if test.refused or test.p is None or test.p_adjusted is None:
        return f"{head}: no test between groups, {plain(str(test.refused))}."
    names = _names(test, convention)
    differ = test.p_adjusted < ALPHA
    p = p_equals(test.p_adjusted)
    if len(names) == 2:
        return f"{head}: {_two(test, names, decimals, unit, differ=differ)} ({p})."
    if differ:
        return f"{head}: the groups differ ({p}); {_pairs_apart(test, decimals, unit, convention)}."
    return (
        f"{head}: the test does not tell the groups apart ({p}); "
        f"{_widest(test, decimals, unit, convention)}."
    )


def _amount(value: float | None, decimals: int, unit: str) -> str:
    return f"{number(value, decimals, sign=True)}{of_unit(unit)}"


def _two(test: Comparison, names: Sequence[str], decimals: int, unit: str, *, differ: bool) -> str:
    if test.estimate is None:
        return "the groups differ" if differ else "the test does not tell the groups apart"
    scale, _ = _scaled(test)
    shift = f"{_less(names)}, {_amount(test.estimate * scale, decimals, unit)}"
    if test.ci_low is None or test.ci_high is None:
        return f"{shift}, too few for an interval"
    low, high = test.ci_low * scale, test.ci_high * scale
    span = interval(low, high, decimals, test.ci_level)
    if differ:
        return f"the groups differ: {shift} ({span})"
    return (
        f"{shift} ({span}); this cannot exclude a difference of {_amount(low, decimals, unit)} "
        f"or of {_amount(high, decimals, unit)}"
    )


def _pair_words(pair: Pairwise, test: Comparison, decimals: int, unit: str, c: str) -> str:
    names = [group_name(test, code, c) for code in pair.groups]
    return f"{_less(names)} {_amount(pair.estimate, decimals, unit)}"


def _pairs_apart(test: Comparison, decimals: int, unit: str, convention: str) -> str:
    apart = [p for p in test.pairwise if p.p_adjusted is not None and p.p_adjusted < ALPHA]
    if not test.pairwise:
        return "which of them is not tested"
    if not apart:
        return "no two of them alone after Holm"
    words = (_pair_words(pair, test, decimals, unit, convention) for pair in apart)
    return f"pairs that do after Holm: {'; '.join(words)}"


def _widest(test: Comparison, decimals: int, unit: str, convention: str) -> str:
    spans = [p for p in test.pairwise if p.ci_low is not None and p.ci_high is not None]
    if not spans:
        return UNBOUNDED
    widest = max(spans, key=_reach)
    low, high = widest.ci_low or 0.0, widest.ci_high or 0.0
    far = low if abs(low) > abs(high) else high
    names = [group_name(test, code, convention) for code in widest.groups]
    return (
        f"it cannot exclude differences as far as {_amount(far, decimals, unit)} ({_less(names)})"
    )


def _reach(pair: Pairwise) -> float:
    return max(abs(pair.ci_low or 0.0), abs(pair.ci_high or 0.0))


def group_test_rows(tests: Sequence[Comparison], decimals: int, convention: str) -> list[Row]:
    """Return the tests between groups, one row per visit."""
    rows = []
    for test in tests:
        row = {"visit": visit_label(test.visit)}
        if test.groups and len(test.groups) == 2 and test.estimate is not None:
            low, high = number(test.ci_low, decimals), number(test.ci_high, decimals)
            span = "" if test.ci_low is None else f" ({low} to {high})"
            less = _less(_names(test, convention))
            row[f"{less} (95{THIN}% CI)"] = number(test.estimate, decimals, sign=True) + span
        row["P (Holm)"] = "no test" if test.refused else p_value(test.p_adjusted)
        row["patients"] = str(test.n_patients)
        rows.append(row)
    return _same_columns(rows)


def _same_columns(rows: list[Row]) -> list[Row]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    last = ["P (Holm)", "patients"]
    order = [name for name in names if name not in last] + last
    return [{name: row.get(name, "–") for name in order} for row in rows]


def group_change_rows(answer: Trajectory | Alignment, visit: str, title: str) -> list[Row]:
    """Return the change of every group at one visit."""
    decimals, convention = answer.measure.decimals, answer.selection.convention
    rows = []
    for change in answer.changes:
        if change.visit != visit:
            continue
        shown = "–"
        if change.estimate is not None:
            shown = number(change.estimate.value, decimals, sign=True)
            if change.estimate.ci_low is not None:
                low = number(change.estimate.ci_low, decimals)
                shown += f" ({low} to {number(change.estimate.ci_high, decimals)})"
        row = {
            title: plain(group_label(answer.by or "", change.group, convention)),
            f"change (95{THIN}% CI)": shown,
            "patients": str(change.n_patients),
        }
        if change.n_levels is not None:
            row["levels"] = str(change.n_levels)
        rows.append(row)
    return rows


def pair_rows(test: Comparison, decimals: int, convention: str) -> list[Row]:
    """Return every two of several groups."""
    return [
        {
            "pair": _less([group_name(test, code, convention) for code in pair.groups]),
            f"difference (95{THIN}% CI)": number(pair.estimate, decimals, sign=True)
            + (
                ""
                if pair.ci_low is None
                else f" ({number(pair.ci_low, decimals)} to {number(pair.ci_high, decimals)})"
            ),
            "P": "no test" if pair.p is None else p_value(pair.p),
            "P (Holm)": "–" if pair.p is None else p_value(pair.p_adjusted),
        }
        for pair in test.pairwise
    ]


def leak_group_sentence(answer: Leakage) -> str:
    """Say whether the rates of the groups differ."""
    (test,) = answer.comparisons
    unit, convention = "percentage points", answer.selection.convention
    said = group_sentence(test, "Cement leakage", 1, unit, convention=convention)
    if test.p_adjusted is None or test.p_adjusted < ALPHA or len(test.groups or ()) < 3:
        return said
    rates = [row.per_level for row in answer.rows if row.group in (test.groups or ())]
    large = [rate for rate in rates if rate.n >= FEWEST]
    if not large:
        return said
    low = min(rate.ci_low or 0.0 for rate in large)
    high = max(rate.ci_high or 0.0 for rate in large)
    reach = f"rates from {percent(low)} to {percent(high)} lie within their intervals"
    return said.replace(
        UNBOUNDED, f"{reach} and cannot be excluded (groups of {FEWEST} levels or more)"
    )


def leak_group_line(answer: Leakage) -> str:
    """Print the test of the rates in one line."""
    (test,) = answer.comparisons
    chosen = answer.selection
    return group_line(test, 1, of_patients=chosen.n_patients, convention=chosen.convention)
