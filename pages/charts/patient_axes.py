"""The two axes of a patient's chart, days across and pixels from above, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from pages.charts.drawing import rows_of

if TYPE_CHECKING:
    from pages.charts.theme import Palette


def x_of(column: str, colours: Palette) -> alt.X:
    """Return the axis of days for a column."""
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(
            title="days since the first operation",
            titlePadding=6,
            tickCount=8,
            labelFontSize=14,
            labelColor=colours.ink,
            labelExpr="replace(datum.label, '-', '−')",
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def y_of(column: str, height: float) -> alt.Y:
    """Return the place from above for a column of pixels."""
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def words_of(name: str, colours: Palette, **look: Any) -> Any:
    """Return text marks of a table, to be placed."""
    style: dict[str, Any] = {"fontSize": 13, "color": colours.secondary} | look
    return rows_of(name).mark_text(**style).encode(text=alt.Text("label", type="nominal"))


def halo(colours: Palette) -> dict[str, Any]:
    """Return the outline that keeps words readable over marks."""
    return {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.85}
