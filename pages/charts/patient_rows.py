"""Where everything of a patient's chart lies: days across, panels from above, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.codebook import visits
from pages.shared.wording import number, of_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Measure
    from queries.patient import Patient
    from queries.ranges import Ranges

TITLE, PANEL, COUNTS, SPACE = 23, 60, 17, 5
NAME = 13
HEIGHT = TITLE + PANEL + COUNTS + SPACE
GAP_WORDS = {
    "dead": "dead",
    "window still open": "not due",
    "lost to follow-up": "lost",
    "not recorded": "missing",
    "the level was treated again": "treated again",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One measure on the days: its place from above and the values at its ends."""

    measure: Measure
    place: int
    lane: float
    low: float
    high: float
    ticks: tuple[float, ...]

    @property
    def top(self) -> float:
        """Return where the highest value lies."""
        return self.lane + self.place * HEIGHT + TITLE

    def y(self, value: float) -> float:
        """Return where a value lies, inside the panel whatever it is."""
        share = (value - self.low) / (self.high - self.low)
        return self.top + PANEL * (1 - min(max(share, 0.0), 1.0))


def panels_of(answer: Patient, behind: Sequence[Ranges], lane: float) -> tuple[Panel, ...]:
    """Return a panel for every measure that the patient or the cohort has a value of.

    Parameters
    ----------
    lane : float
        Height of what stands above the panels.
    """
    return tuple(
        _panel(answer, found, place, lane)
        for place, found in enumerate(
            [found for found in behind if _known(answer, found.measure) or any(_ends(found))]
        )
    )


def _known(answer: Patient, measure: Measure) -> list[float]:
    frame = answer.scores if measure.unit_of_analysis == "patient" else answer.films
    return frame.filter(measure=measure.code)["value"].to_list()


def _ends(behind: Ranges) -> list[float]:
    ends = [end for row in behind.rows for end in (row.p10, row.p90)]
    return [end for end in ends if end is not None]


def _panel(answer: Patient, behind: Ranges, place: int, lane: float) -> Panel:
    measure = behind.measure
    if measure.unit_of_analysis == "patient":
        ends = (measure.minimum, measure.maximum)
        ticks: tuple[float, ...] = (ends[0], sum(ends) / 2, ends[1])
        return Panel(measure, place, lane, measure.minimum, measure.maximum, ticks)
    values = [*_known(answer, measure), *_ends(behind)]
    low, high = min(values), max(values)
    step = next((step for step in (2, 5, 10, 20) if high - low <= 3 * step), 40)
    first = low // step
    last = max(-(-high // step), first + 1)
    ticks = tuple(step * (first + n) for n in range(int(last - first) + 1))
    return Panel(measure, place, lane, ticks[0], ticks[-1], ticks)


def grid_rows(panels: Sequence[Panel]) -> list[Row]:
    """Return the lines across the panels with their values."""
    return [
        {"y": panel.y(tick), "label": number(tick, 0)} for panel in panels for tick in panel.ticks
    ]


def title_rows(panels: Sequence[Panel]) -> list[Row]:
    """Return the names of the panels with their units."""
    return [
        {
            "y": panel.top - 9,
            "label": f"{panel.measure.label},{of_unit(panel.measure.unit)}"
            if panel.measure.unit != "°"
            else f"{panel.measure.label}, degrees",
        }
        for panel in panels
    ]


def box_rows(panels: Sequence[Panel], behind: Sequence[Ranges], shown: set[str]) -> list[Row]:
    """Return the cohort's range in each window: nine tenths, middle half, median, n."""
    found = {one.measure.code: one for one in behind}
    return [
        _box(panel, visit, row)
        for panel in panels
        for visit in visits().values()
        if visit.code in shown and (row := found[panel.measure.code].at(visit.code))
    ]


def _box(panel: Panel, visit: Any, row: Any) -> Row:
    decimals, unit = panel.measure.decimals, panel.measure.unit
    of = "patients" if panel.measure.unit_of_analysis == "patient" else "levels"
    return {
        "from": visit.day_from,
        "to": visit.day_to,
        "middle": (visit.day_from + visit.day_to) / 2,
        "p90": panel.y(row.p90),
        "q3": panel.y(row.q3),
        "median": panel.y(row.median),
        "q1": panel.y(row.q1),
        "p10": panel.y(row.p10),
        "below": panel.top + PANEL + 11,
        "n": str(row.n),
        "what": f"{panel.measure.label}, {visit.label}",
        "halves": f"{number(row.median, decimals)}{of_unit(unit)}",
        "inner": f"{number(row.q1, decimals)} to {number(row.q3, decimals)}",
        "outer": f"{number(row.p10, decimals)} to {number(row.p90, decimals)}",
        "of": f"{row.n} {of}",
    }


def value_rows(answer: Patient, panels: Sequence[Panel], *, films: bool) -> list[Row]:
    """Return every value of the patient as a point; one without a day in the middle of its window.

    A value outside every window that has no day has no place and is left to the table.
    """
    frame = answer.films if films else answer.scores
    places = {panel.measure.code: panel for panel in panels}
    starts = {level.procedure_id: level.day for level in answer.treated}
    order = [level.procedure_id for level in answer.treated]
    rows = []
    for row in frame.sort("day", nulls_last=True).to_dicts():
        panel = places.get(row["measure"])
        day = _day(row, starts[row["procedure_id"]] if films else 0)
        if panel is None or day is None:
            continue
        visit = visits().get(row["visit"])
        rows.append(
            {
                "panel": panel.place,
                "series": order.index(row["procedure_id"]) if films else 0,
                "day": day,
                "y": panel.y(row["value"]),
                "label": number(row["value"], panel.measure.decimals),
                "undated": row["day"] is None,
                "what": panel.measure.label,
                "value": f"{number(row['value'], panel.measure.decimals)}"
                f"{of_unit(panel.measure.unit)}",
                "when": visit.label if visit else "outside every visit's window",
                "days": "not written down" if row["day"] is None else str(row["day"]),
                "level": row.get("level") or "",
            }
        )
    return sorted(rows, key=lambda row: row["day"])


def _day(row: Row, start: int) -> float | None:
    if row["day"] is not None:
        return float(row["day"])
    visit = visits().get(row["visit"])
    return None if visit is None else start + (visit.day_from + visit.day_to) / 2


def gap_rows(answer: Patient, panels: Sequence[Panel], shown: set[str]) -> list[Row]:
    """Return in words why a score is missing, in the window where it would lie."""
    places = {panel.measure.code: panel for panel in panels}
    return [
        {
            "middle": (visits()[gap.visit].day_from + visits()[gap.visit].day_to) / 2,
            "y": places[gap.what].top + PANEL / 2,
            "label": GAP_WORDS.get(gap.reason, gap.reason),
        }
        for gap in answer.missing
        if gap.what in places and gap.visit in shown
    ]


def name_rows(values: Sequence[Row], panels: Sequence[Panel]) -> list[Row]:
    """Return the name of each level beside its last value, none over another."""
    last = {(row["panel"], row["series"]): row for row in values}
    named = []
    for panel in panels:
        ends = sorted(
            (row for row in last.values() if row["panel"] == panel.place),
            key=lambda row: float(row["y"]),
        )
        free = panel.top
        for left, row in zip(range(len(ends), 0, -1), ends, strict=True):
            highest = panel.top + PANEL - NAME * (left - 1)
            beside = min(max(row["y"], free), max(highest, free))
            free = beside + NAME
            named.append({**row, "beside": beside})
    return named
