"""What the cells of a column look like, and how many can be read as what it may become."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from data.codebook import EVENT_KINDS, LEAK_LOCATIONS, SEXES
from data.mapping import cells
from data.mapping.levels import read_levels
from data.mapping.visit_names import visit_text
from data.words import lexicon, said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import polars as pl

    from data.mapping.targets import Target

UNIQUES = 3_000
COMMA = re.compile(r"[+-−]?\d*,\d+(\s?[a-z%°]+)?", re.IGNORECASE)
ID_LIKE = re.compile(r"\S{1,40}( \S{1,20}){0,2}")
FIRST_YEAR = 1880


@dataclass(frozen=True)
class Profile:
    """The different texts of a column and how often each stands in it.

    Parameters
    ----------
    counts : dict of str to int
        The most frequent texts first; at most `UNIQUES` of them.
    filled : int
        How many cells are not blank.
    today : date
        The day of the import.
    meanings : mapping of str to str
        What codes of the column say.
    """

    counts: dict[str, int]
    filled: int
    today: date
    meanings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def decimal(self) -> Literal[".", ","]:
        """Return the decimal mark that the numbers use."""
        return "," if any(COMMA.fullmatch(text) for text in self.counts) else "."

    @cached_property
    def order(self) -> Literal["dmy", "mdy", "excel", "unclear"] | None:
        """Return the order of the days, ``unclear`` where only a person can say."""
        found = [match for text in self.counts if (match := cells.THREE.fullmatch(text))]
        short = [one for one in found if len(one[1]) < 3]
        if not short:
            serial = sum(bool(re.fullmatch(r"\d{5}", text)) for text in self.counts)
            return "excel" if serial and serial >= len(self.counts) / 2 else None
        first = any(int(one[1]) > 12 for one in short)
        second = any(int(one[2]) > 12 for one in short)
        if first != second:
            return "dmy" if first else "mdy"
        dotted = all("." in one[0] for one in short)
        return "dmy" if dotted and not second else "unclear"

    def numbers(self) -> list[float]:
        """Return the numbers of the column, each as often as it stands in it."""
        return [value for value, times in self.valued() for _ in range(times)]

    def valued(self) -> list[tuple[float, int]]:
        """Return the different numbers and how often each stands there."""
        read = {text: cells.number_cell(text, self.decimal) for text in self.counts}
        return [
            (float(number), self.counts[text])
            for text, number in read.items()
            if cells.NUMBER.fullmatch(number) and "," not in number
        ]

    def readable(self, target: Target) -> float:
        """Return the share of the filled cells that can be read as a target."""
        if not self.counts:
            return 1.0
        read = sum(times for text, times in self.counts.items() if self.reads(text, target))
        return read / sum(self.counts.values())

    def reads(self, text: str, target: Target) -> bool:
        """Return whether a cell can be read as a target, by its text or by what its code says."""
        meaning = self.meanings.get(text)
        return self._reads(text, target) or (meaning is not None and self._reads(meaning, target))

    def _reads(self, text: str, target: Target) -> bool:
        if target.kind in ("number", "section", "day", "partial_day") and said(text):
            return True
        reader = getattr(self, f"_reads_{target.kind}", None)
        if reader is not None:
            return bool(reader(text))
        return _in_list(text, target.kind)

    def _reads_key(self, text: str) -> bool:
        return bool(ID_LIKE.fullmatch(text)) and read_levels(text).kind == "none"

    def _reads_text(self, text: str) -> bool:
        return len(text) <= 60

    def _reads_number(self, text: str) -> bool:
        return bool(cells.NUMBER.fullmatch(cells.number_cell(text, self.decimal)))

    def _reads_section(self, text: str) -> bool:
        return text in ("0", "1", "2", "3", "4", "5")

    def _reads_day(self, text: str) -> bool:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", self._dated(text)))

    def _reads_partial_day(self, text: str) -> bool:
        return bool(re.fullmatch(r"\d{4}(-\d{2}){0,2}", self._dated(text)))

    def _reads_birth(self, text: str) -> bool:
        return self._reads_year(cells.birth_cell(text, self.day_order, self.today))

    def _reads_year(self, text: str) -> bool:
        return text.isdecimal() and FIRST_YEAR <= int(text) <= self.today.year

    def _reads_age(self, text: str) -> bool:
        return bool(re.fullmatch(r"\d{1,3}", text)) and 0 < int(text) <= cells.OLDEST

    def _reads_level(self, text: str) -> bool:
        return read_levels(text).known

    def _reads_visit(self, text: str) -> bool:
        return visit_text(text) is not None

    def _reads_leak(self, text: str) -> bool:
        return cells.leak_cell(text)[0] in ("yes", "no") or said(text) == "missing"

    def _reads_locations(self, text: str) -> bool:
        parts = cells.locations_cell(text).split(";")
        return all(part.partition("/")[0] in LEAK_LOCATIONS for part in parts)

    def _reads_happened(self, text: str) -> bool:
        return cells.code_cell(text, "yes_no") in ("yes", "no") or self._reads_day(text)

    def _reads_event(self, text: str) -> bool:
        return cells.code_cell(text, "event_kind") in EVENT_KINDS

    def _reads_sex(self, text: str) -> bool:
        return cells.code_cell(text, "sex") in SEXES

    def _reads_tumour(self, text: str) -> bool:
        return len(cells.tumour_codes(text)) > 0

    def _reads_died(self, text: str) -> bool:
        return cells.died_cell(text) in ("yes", "no") or said(text) == "lost"

    def _reads_alive(self, text: str) -> bool:
        return self._reads_died(text)

    def _dated(self, text: str) -> str:
        return cells.date_cell(text, self.day_order, self.today)

    @property
    def day_order(self) -> str | None:
        """Return an order to try: days first where only a person can say."""
        return "dmy" if self.order in ("unclear", None) else self.order


def _in_list(text: str, kind: str) -> bool:
    of = {"modality": "leak_modality", "approach": "approach", "yes_no": "yes_no"}[kind]
    return cells.code_cell(text, of) in lexicon(of).values()


def profile(column: pl.Series, today: date, meanings: Mapping[str, str] | None = None) -> Profile:
    """Return the different texts of a column, the most frequent ones first."""
    counted = column.drop_nulls().value_counts(sort=True)
    texts, times = counted.columns
    pairs = list(zip(counted[texts].to_list(), counted[times].to_list(), strict=True))
    pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    counts: Counter[str] = Counter(dict(pairs[:UNIQUES]))
    return Profile(dict(counts), column.len() - column.null_count(), today, meanings or {})
