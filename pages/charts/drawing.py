"""A chart as a value: its structure, built and validated once, and the rows that fill it."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import altair as alt
import polars as pl

from data.codebook import Threshold
from data.interruption import may_stop
from pages.charts.theme import KNOWN, NTH, TABLES, Palette

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

Drawn = TypeVar("Drawn")
Given = ParamSpec("Given")
KEPT = 128
BREAK = "\x1f"
NO_NUMBER = "NaN"


@dataclass(frozen=True)
class Drawing:
    """A Vega-Lite chart with named tables.

    Parameters
    ----------
    structure : dict
        The specification without rows, as Altair validated it; shared, never changed.
    tables : mapping of str to polars.DataFrame
        The rows of each table that the structure names.
    packed : frozenset of str
        The tables that are sent as one row of texts, which the structure takes apart (`unpacked`).
    """

    structure: dict[str, Any]
    tables: Mapping[str, pl.DataFrame]
    packed: frozenset[str] = frozenset()

    def spec(self) -> dict[str, Any]:
        """Return the specification with its tables as Arrow streams, ready to show."""
        return {**self.structure, "datasets": dict(self._streams)}

    def to_dict(self) -> dict[str, Any]:
        """Return the specification as plain values, complete in itself."""
        rows = {name: frame.to_dicts() for name, frame in self._drawn().items()}
        return {**self.structure, "datasets": rows}

    @cached_property
    def _streams(self) -> Mapping[str, bytes]:
        oldest = pl.CompatLevel.oldest()
        return {
            name: frame.write_ipc_stream(None, compat_level=oldest).getvalue()
            for name, frame in self._drawn().items()
        }

    def _drawn(self) -> Mapping[str, pl.DataFrame]:
        drawn = self.structure["usermeta"][TABLES]
        return {name: self._sent(name) for name in self.tables if name in drawn}

    def _sent(self, name: str) -> pl.DataFrame:
        frame = self.tables[name]
        if name in self.packed:
            return _packed(frame)
        if name in self.structure["usermeta"][KNOWN]:
            return frame.with_row_index(NTH).cast({NTH: pl.Int32})
        return frame


def _packed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table as one row: each column's values as one text, with breaks between them."""
    return pl.DataFrame({column.name: [_text(column)] for column in frame})


def _text(column: pl.Series) -> str:
    none = "" if column.dtype == pl.String else NO_NUMBER
    values = column.cast(pl.String).to_list() or [None]
    return BREAK.join(none if one is None else one.replace(BREAK, " ") for one in values)


def unpacked(name: str, *columns: str, only: str | None = None) -> alt.Chart:
    """Return a chart on the rows of a packed table, to be given a mark.

    A browser reads a table cell by cell, and reads the whole specification again whenever a table
    has another number of rows than before: one row of texts, split in the chart, spares both.
    Numbers are texts, which a scale takes as numbers; a missing one is `NO_NUMBER`, as is the one
    number of a table without rows.

    Parameters
    ----------
    columns : str
        The columns that the mark needs.
    only : str, optional
        An expression without a row; while it is not true, nothing is unpacked.
    """
    chart = rows_of(name) if only is None else rows_of(name).transform_filter(only)
    lists = {f"all {column}": f"split(datum['{column}'], '{BREAK}')" for column in columns}
    return chart.transform_calculate(**lists).transform_flatten(list(lists), as_=list(columns))


def rows_of(name: str) -> alt.Chart:
    """Return a chart on a named table, to be given a mark."""
    return alt.Chart(alt.NamedData(name=name))


def once(name: str, *, where: str | None = None) -> alt.Chart:
    """Return a chart on one row where the named table has any, for a mark that stands once."""
    count = alt.AggregatedFieldDef(op="count", **{"as": "rows"})
    rows = rows_of(name) if where is None else rows_of(name).transform_filter(where)
    return rows.transform_aggregate([count]).transform_filter("datum.rows > 0")


def first_row(name: str, *columns: str) -> list[alt.ExprRef]:
    """Return what columns hold in the first row of a named table, 0 where it has no row.

    Ends of an axis read in this way follow the rows without being searched for among them.
    """
    rows = f"data('{name}')"
    return [alt.ExprRef(expr=f"length({rows}) ? {rows}[0]['{column}'] : 0") for column in columns]


def in_order(name: str, column: str) -> alt.Scale:
    """Return the scale of an axis of names, in the order of a table's rows.

    Names that Vega gathers itself stand in the order in which they were first seen, in any rows.
    """
    return alt.Scale(domain=alt.ExprRef(expr=f"pluck(data('{name}'), '{column}')"))


def counted(noun: str) -> pl.Expr:
    """Return how many a row of a thinned frame stands for, in words."""
    one = pl.col("together") == 1
    return pl.when(one).then(pl.lit(f"1 {noun}")).otherwise(pl.format(f"{{}} {noun}s", "together"))


@dataclass(frozen=True)
class Noted:
    """A chart that was drawn, and what it was given."""

    chart: Callable[..., object]
    args: tuple[object, ...]
    kwargs: dict[str, Any]

    @property
    def is_steady(self) -> bool:
        """Whether all it was given but the answer stays as it is with another answer."""
        plain = (str, int, float, tuple, Palette, Threshold, type(None))
        given = (*self.args[1:], *self.kwargs.values())
        return all(isinstance(one, plain) or callable(one) for one in given)

    def draw(self, answer: object) -> None:
        """Draw another answer in the same way, so that it is kept."""
        may_stop()
        drawing = self.chart(answer, *self.args[1:], **self.kwargs)
        if isinstance(drawing, Drawing):
            drawing.spec()


_noted: ContextVar[list[Noted] | None] = ContextVar("noted", default=None)


@contextlib.contextmanager
def drawings() -> Iterator[list[Noted]]:
    """Note the charts that are drawn meanwhile."""
    noted: list[Noted] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def drawn_once(chart: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Keep the last drawings of a chart, by the answer that it draws and how.

    The first argument is the answer: an object that is never changed, and kept with its drawing.
    The others must be hashable, or lists of what is.
    """
    kept: OrderedDict[Hashable, tuple[object, Drawn]] = OrderedDict()
    lock = Lock()

    @wraps(chart)
    def once_drawn(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        given = (*args[1:], *sorted(kwargs), *(kwargs[name] for name in sorted(kwargs)))
        noted = _noted.get()
        if noted is not None:
            noted.append(Noted(once_drawn, args, kwargs))
        key = (id(args[0]), *(tuple(one) if isinstance(one, list) else one for one in given))
        with lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key][1]
        drawing = chart(*args, **kwargs)
        with lock:
            kept[key] = (args[0], drawing)
            if len(kept) > KEPT:
                kept.popitem(last=False)
        return drawing

    return once_drawn
