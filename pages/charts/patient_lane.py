"""The top of a patient's chart: how long the patient was followed, operations and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from data.codebook import visits
from pages.charts.drawing import rows_of
from pages.charts.event_marks import letter, shape
from pages.charts.patient_axes import words_of, x_of, y_of

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.patient import Patient
    from queries.patient_record import Happening, Status

LABELS, ABOVE, LIFE, BELOW, STEP = 12, 33, 50, 71, 17
LETTER_DAYS, EARLIEST = 6.6, -120
Row = dict[str, Any]


def drawn_events(answer: Patient) -> list[Happening]:
    """Return the events that have a place on the chart."""
    return [event for event in answer.events if event.day is not None and event.day >= EARLIEST]


def lane_height(answer: Patient) -> int:
    """Return how high the lane is: one row of words under it, or two."""
    rows = [row["y_label"] for row in flag_rows(answer) if row["kind"] != "operation"]
    return int(max(rows, default=BELOW - STEP)) + 22


def window_rows(height: float, last: float) -> list[Row]:
    """Return the windows of the visits that begin before the end of the axis."""
    return [
        {
            "code": visit.code,
            "from": visit.day_from,
            "to": visit.day_to,
            "middle": (visit.day_from + visit.day_to) / 2,
            "label": visit.short_label,
            "above": LABELS,
            "top": LABELS + 9.0,
            "bottom": height,
        }
        for visit in visits().values()
        if visit.day_from < last
    ]


def life_rows(answer: Patient) -> list[Row]:
    """Return the line from the first operation to death or to the last contact."""
    status = answer.person.status if answer.person else None
    if status is None:
        return []
    end = status.died if status.dead and status.died is not None else status.last
    earliest = status.died_earliest if status.dead else None
    latest = status.died_latest if status.dead else None
    return [
        {
            "start": 0,
            "day": max(end, 0),
            "y": LIFE,
            "earliest": end if earliest is None else earliest,
            "latest": end if latest is None else latest,
            "mark": "†" if status.dead else "▸",
            "label": end_words(status),
        }
    ]


def end_words(status: Status) -> str:
    """Say how the line ends."""
    if not status.dead:
        return f"last seen, day {status.last}"
    if status.died_earliest == status.died_latest:
        return f"died, day {status.died}"
    return f"died, day {status.died_earliest} to {status.died_latest}"


def flag_rows(answer: Patient) -> list[Row]:
    """Return operations above the line and events below it, the words of none over another."""
    sessions: dict[int, list[str]] = {}
    for level in answer.treated:
        sessions.setdefault(level.day, []).append(level.level)
    rows = [
        _flag("operation", day, ", ".join(levels), ABOVE, "triangle-down", "")
        for day, levels in sessions.items()
    ]
    free = [float("-inf"), float("-inf")]
    for event in drawn_events(answer):
        words = event.kind.replace("_", " ") + (f" ({event.level})" if event.level else "")
        day = event.day or 0
        row = 0 if day >= free[0] else 1
        free[row] = day + LETTER_DAYS * (len(words) + 2)
        rows.append(
            _flag("event", day, words, BELOW + STEP * row, shape(event.kind), letter(event.kind))
        )
    return rows


def _flag(kind: str, day: int, words: str, y_label: float, shape_: str, letter_: str) -> Row:
    return {
        "kind": kind,
        "day": day,
        "y": LIFE,
        "y_label": y_label,
        "label": words,
        "shape": shape_,
        "letter": letter_,
    }


def window_marks(height: float, colours: Palette) -> list[Any]:
    """Draw the visits' windows as quiet bands with their names."""
    x = x_of("from", colours)
    bands = rows_of("windows").mark_rect(color=colours.panel, strokeWidth=0)
    return [
        bands.encode(x=x, x2=alt.X2("to"), y=y_of("top", height), y2=alt.Y2("bottom")),
        words_of("windows", colours, fontSize=14).encode(
            x=x_of("middle", colours), y=y_of("above", height)
        ),
    ]


def life_marks(height: float, colours: Palette) -> list[Any]:
    """Draw the time that the patient was followed, and how it ended."""
    base, y = rows_of("life"), y_of("y", height)
    line = base.mark_rule(color=colours.ink, strokeWidth=3)
    possible = base.mark_rule(color=colours.individual, strokeWidth=7, opacity=0.6)
    ends: dict[str, Any] = {"x": x_of("day", colours), "y": y}
    sign = base.mark_text(fontSize=20, fontWeight="bold", color=colours.ink, dx=2)
    return [
        line.encode(x=x_of("start", colours), x2=alt.X2("day"), y=y),
        possible.encode(x=x_of("earliest", colours), x2=alt.X2("latest"), y=y),
        sign.encode(**ends, text=alt.Text("mark", type="nominal")),
        words_of("life", colours, align="left", dx=14, fontSize=14, color=colours.ink).encode(
            **ends
        ),
    ]


def flag_marks(height: float, colours: Palette) -> list[Any]:
    """Draw operations and events with their words."""
    base = rows_of("flags")
    x, operation = x_of("day", colours), "datum.kind == 'operation'"
    tooltip = [
        alt.Tooltip("kind", type="nominal", title="what"),
        alt.Tooltip("label", type="nominal", title="which"),
        alt.Tooltip("day", type="quantitative", title="day"),
    ]
    colour = alt.condition(operation, alt.value(colours.answer), alt.value(colours.attention))
    stems = base.mark_rule(strokeWidth=1.5).encode(
        x=x, y=y_of("y", height), y2=alt.Y2("y_label"), color=colour
    )
    marks = base.mark_point(size=190, filled=True, opacity=1).encode(
        x=x,
        y=y_of("y", height),
        color=colour,
        shape=alt.Shape("shape", type="nominal", scale=None, legend=None),
        tooltip=tooltip,
    )
    words = words_of("flags", colours, align="left", dx=7, fontSize=14, fontWeight=600)
    return [
        stems,
        marks,
        words.encode(x=x, y=y_of("y_label", height), color=colour),
    ]
