"""One look for every chart: colours, type and sizes, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from collections.abc import Iterator

FONT = '"Source Sans", "Source Sans 3", "Liberation Sans", Arial, sans-serif'
MINUS = "−"
TABLES = "tables"
KNOWN = "known"
NTH = "nth"
PER_ROW = {"filter", "calculate"}
ONE_PER_ROW = {"bar", "circle", "point", "rect", "rule", "text", "tick"}


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    name: str
    background: str
    ink: str
    secondary: str
    muted: str
    hairline: str
    panel: str
    answer: str
    answer_band: str
    attention: str
    individual: str
    none: str
    rates: tuple[str, str, str]
    categories: tuple[str, ...]


LIGHT = Palette(
    name="light",
    background="#FFFFFF",
    ink="#1B2733",
    secondary="#4A5867",
    muted="#6B7785",
    hairline="#E3E8EE",
    panel="#F7F9FA",
    answer="#0B6E6E",
    answer_band="#D5E7E6",
    attention="#C4501B",
    individual="#8593A3",
    none="#D3DAE2",
    rates=("#FFF6F0", "#C4501B", "#7A2408"),
    categories=("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"),
)
DARK = Palette(
    name="dark",
    background="#10171E",
    ink="#E8EEF3",
    secondary="#B4C0CC",
    muted="#8393A3",
    hairline="#2A3641",
    panel="#18222C",
    answer="#4DB8B0",
    answer_band="#1C3F41",
    attention="#F0834A",
    individual="#6E7F90",
    none="#394754",
    rates=("#2B211C", "#E07A45", "#FFC9A6"),
    categories=("#56B4E9", "#FF8C42", "#3CCB9B", "#E5A3C7", "#8CCBF2", "#F5D06A"),
)


def palette(name: str | None) -> Palette:
    """Return the palette of a theme; light where the theme is not known."""
    return DARK if name == "dark" else LIGHT


def signed(decimals: int) -> str:
    """Return a Vega expression that prints an axis label with a real minus sign."""
    return f"replace(format(datum.value, '.{decimals}f'), '-', '{MINUS}')"


def finish(chart: Any, colours: Palette) -> dict[str, Any]:
    """Give a chart the common configuration and return it, validated, as a dict.

    Single marks have no words of their own for those who cannot see them: what the chart says
    stands beside it, and its rows in its table. The tables that it draws from are named in its
    ``usermeta``: a browser that is given rows for another one cannot update the chart.

    The marks of a table's rows are known by their place in it: at the next rows the browser moves
    them, where it would build all of them anew.
    """
    finished = chart.properties(
        background="transparent",
        padding={"left": 4, "right": 8, "top": 4, "bottom": 4},
    ).configure(
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            domain=False,
            ticks=False,
            gridColor=colours.hairline,
            labelColor=colours.secondary,
            labelFontSize=14,
            titleColor=colours.secondary,
            titleFontSize=14,
            titleFontWeight="normal",
            labelPadding=6,
        ),
        legend=alt.LegendConfig(
            labelColor=colours.ink,
            labelFontSize=14,
            titleColor=colours.secondary,
            titleFontSize=14,
            titleFontWeight="normal",
        ),
        title=alt.TitleConfig(
            anchor="start",
            color=colours.ink,
            fontSize=15,
            fontWeight=600,
            offset=10,
        ),
        mark=alt.MarkConfig(aria=False),
        text=alt.MarkConfig(font=FONT, fontSize=14),
    )
    spec: dict[str, Any] = finished.to_dict()
    known = sorted(set(_known_marks(spec, None)))
    return {**spec, "usermeta": {TABLES: sorted(set(_tables(spec))), KNOWN: known}}


def _known_marks(part: dict[str, Any], table: str | None) -> Iterator[str]:
    """Give each mark that stands for one row of a table the row's place as its key.

    Yields
    ------
    str
        A table whose rows need their place.
    """
    table = part["data"].get("name") if "data" in part else table
    if not all(PER_ROW & set(one) for one in part.get("transform", ())):
        return
    for layer in part.get("layer", ()):
        yield from _known_marks(layer, table)
    if table and "mark" in part and part["mark"]["type"] in ONE_PER_ROW:
        part["encoding"]["key"] = {"field": NTH, "type": "quantitative"}
        yield table


def _tables(part: Any) -> Iterator[str]:
    """Return the named tables that a part of a specification draws from."""
    if isinstance(part, dict):
        if isinstance(part.get("data"), dict) and "name" in part["data"]:
            yield part["data"]["name"]
        for inner in part.values():
            yield from _tables(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _tables(inner)
