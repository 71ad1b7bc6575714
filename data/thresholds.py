"""Published thresholds: what a row of ``thresholds.csv`` means, or why it means nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Scales = Mapping[str, tuple[float, float]]

Kind = Literal["absolute", "percent", "final", "by_baseline", "composite"]
SIMPLE = ("absolute", "percent", "final")
KINDS = (*SIMPLE, "by_baseline", "composite")
NUMBER = r"(\d+(?:\.\d+)?)"
BAND = re.compile(rf"{NUMBER}-{NUMBER}={NUMBER}")
PART = re.compile(rf"(\w+) ({'|'.join(SIMPLE)}) {NUMBER}")


class ThresholdError(ValueError):
    """A row of thresholds.csv that means nothing; the message says why."""


@dataclass(frozen=True)
class BaselineBand:
    """Baselines from `low` to `high` and the change that they need, in the measure's unit."""

    low: float
    high: float
    value: float


@dataclass(frozen=True)
class Threshold:
    """A published threshold of a measure, a row of ``thresholds.csv``.

    Parameters
    ----------
    kind : {"absolute", "percent", "final", "by_baseline", "composite"}
        ``absolute``: better than the baseline by `value`; ``percent``: by this share of it;
        ``final``: `value` or better; ``by_baseline``: better by what the band of the baseline
        asks for; ``composite``: every one of `parts`.
    value : float or None
        None for the last two kinds, whose numbers stand in `bands` and `parts`.
    rule : str or None
        The text of ``thresholds.csv`` behind `bands` and `parts`.
    """

    measure: str
    label: str
    kind: Kind
    value: float | None
    source: str
    rule: str | None = None
    bands: tuple[BaselineBand, ...] = ()
    parts: tuple[Threshold, ...] = ()


def read_thresholds(
    rows: Iterable[Mapping[str, str | None]], scales: Scales
) -> tuple[Threshold, ...]:
    """Read the rows of ``thresholds.csv``.

    Parameters
    ----------
    rows : iterable of mapping
        measure, label, kind, value, source and rule of each row.
    scales : mapping of str to (float, float)
        Lowest and highest value of every measure of patients.

    Raises
    ------
    ThresholdError
        If a row means nothing, or a measure has two thresholds of one label.

    Notes
    -----
    `rule` of ``by_baseline`` is a list such as ``1-4=1; 5-7=2; 8-10=3``: from a baseline of 1 to
    4 a change of 1, and so on; the last band ends where the scale does. `rule` of ``composite``
    is a list such as ``vas absolute 2; vas final 5; odi absolute 0``: all of them, at the same
    visit; an absolute change of 0 means no worse.
    """
    found: dict[tuple[str, str], Threshold] = {}
    for row in rows:
        given = {name: (text or "").strip() for name, text in row.items()}
        key = (given["measure"], given["label"])
        try:
            threshold = _threshold(given, scales)
            _demand(key not in found, "the label stands there twice")
        except ValueError as error:
            raise ThresholdError(f"thresholds.csv, `{key[0]}`, `{key[1]}`: {error}.") from None
        found[key] = threshold
    return tuple(found.values())


def _demand(holds: bool, why: str) -> None:  # noqa: FBT001
    if not holds:
        raise ValueError(why)


def _threshold(row: Mapping[str, str], scales: Scales) -> Threshold:
    measure, kind, rule = row["measure"], row["kind"], row.get("rule", "")
    _demand(bool(row["label"] and row["source"]), "a threshold needs a label and a source")
    _demand(measure in scales, f"the measure must be one of {', '.join(scales)}")
    _demand(kind in KINDS, f"the kind must be one of {', '.join(KINDS)}, got `{kind}`")
    if kind in SIMPLE:
        _demand(not rule, f"the kind {kind} takes a value and no rule")
        return _simple(row, scales)
    _demand(not row["value"], f"the kind {kind} takes a rule and no value")
    return Threshold(
        measure=measure,
        label=row["label"],
        kind=cast("Kind", kind),
        value=None,
        source=row["source"],
        rule=rule,
        bands=_bands(rule, scales[measure]) if kind == "by_baseline" else (),
        parts=_parts(row, scales) if kind == "composite" else (),
    )


def _simple(row: Mapping[str, str], scales: Scales, *, no_worse: bool = False) -> Threshold:
    """Read a threshold of one value; only a part of others may ask for no change at all."""
    (low, high), kind = scales[row["measure"]], row["kind"]
    _demand(re.fullmatch(NUMBER, row["value"]) is not None, f"`{row['value']}` is not a number")
    value = float(row["value"])
    if kind == "final":
        _demand(low <= value <= high, f"{value:g} is not on the scale of {low:g} to {high:g}")
    else:
        most = 100.0 if kind == "percent" else high - low
        _demand(value > 0 or (no_worse and kind == "absolute"), "a change must be above 0")
        _demand(value <= most, f"a change of {value:g} is more than {most:g}")
    return Threshold(row["measure"], row["label"], cast("Kind", kind), value, row["source"])


def _listed(rule: str, pattern: re.Pattern[str], example: str) -> list[tuple[str, ...]]:
    found = [pattern.fullmatch(text.strip()) for text in rule.split(";")]
    _demand(all(found), f"the rule must read like `{example}`, got `{rule}`")
    return [match.groups() for match in found if match]


def _bands(rule: str, scale: tuple[float, float]) -> tuple[BaselineBand, ...]:
    texts = _listed(rule, BAND, "1-4=1; 5-7=2")
    bands = tuple(BaselineBand(*(float(text) for text in band)) for band in texts)
    ends = [end for band in bands for end in (band.low, band.high)]
    rising = all(low < high for low, high in zip(ends[1::2], ends[2::2], strict=False))
    _demand(
        rising and all(band.low <= band.high for band in bands), "the bands must rise one by one"
    )
    _demand(
        ends[0] >= scale[0] and ends[-1] == scale[1],
        f"the bands must end where the scale of {scale[0]:g} to {scale[1]:g} does",
    )
    _demand(all(band.value > 0 for band in bands), "a change must be above 0")
    return bands


def _parts(row: Mapping[str, str], scales: Scales) -> tuple[Threshold, ...]:
    parts = _listed(row["rule"], PART, "vas absolute 2; odi absolute 0")
    own, names = row["measure"], [(measure, kind) for measure, kind, _ in parts]
    _demand(all(name in scales for name, _ in names), f"parts must be of {', '.join(scales)}")
    _demand(own in {name for name, _ in names}, f"one of the parts must be of {own}")
    _demand(1 < len(names) == len(set(names)), "a composite needs two parts or more, each once")
    return tuple(
        _simple({**row, "measure": measure, "kind": kind, "value": value}, scales, no_worse=True)
        for measure, kind, value in parts
    )
