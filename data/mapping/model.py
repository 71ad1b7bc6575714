"""A mapping as a value: which column of a source becomes which column of the source format.

A mapping is frozen and compared by value. ``data.mapping.file`` keeps it as TOML,
``data.mapping.propose`` makes it from a source, ``data.mapping.edit`` changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

QuestionCode = Literal[
    "scale",
    "scale_change",
    "unit",
    "sign",
    "dates",
    "levels",
    "span",
    "visit",
    "values",
    "twice",
    "identifier",
    "below",
]

HELD_BACK: frozenset[QuestionCode] = frozenset(("levels", "span", "below"))


@dataclass(frozen=True)
class Period:
    """A scale that was used up to a day: the last one of a column has no end."""

    top: float
    until: date | None = None


@dataclass(frozen=True)
class ColumnMap:
    """What one column of a source table becomes.

    Parameters
    ----------
    column : str
        Its name in the source; a name that stands twice has `` (2)`` after it the second time.
    becomes : str or None
        A column of the source format with its table, such as ``follow_ups.vas``; None where
        the column is not read. ``data.mapping.targets`` lists them all.
    visit : str or None
        The visit of every value, where the visit stands in the column's name.
    number : int or None
        Which of a row's procedures the column is about, where each has columns of its own.
    decimal : {".", ","}
        The decimal mark of its numbers.
    dates : {"dmy", "mdy", "excel"} or None
        The order of its dates; ``excel`` are serial numbers. None where every date stands as
        yyyy-mm-dd. Serial numbers are read in either order too.
    scales : tuple of Period
        The tops of the source's scales in order of time, empty where the scale is the
        codebook's. Values are converted to the codebook's.
    factor : float
        What numbers are multiplied with: 10 for centimetres, -1 for the other sign.
    values : tuple of (str, str)
        Texts and the code that each stands for, before any other reading; an empty code
        means not known.
    missing : tuple of str
        Texts that mean not known.
    several : {"each"} or None
        What becomes of two levels in a cell: a procedure each. None: the row is held back.
    span : {"every", "ends"} or None
        What becomes of a span of levels such as T12-L1: every level from end to end, or the two
        ends alone. None: the row is held back.
    pseudonym : bool
        Whether its texts are replaced by pseudonyms, the same ones at every import.
    below : bool
        Whether a blank cell means the same as the cell above.
    unanswered : tuple of str
        The `Question.key` of what nobody has answered about it yet.
    """

    column: str
    becomes: str | None = None
    visit: str | None = None
    number: int | None = None
    decimal: Literal[".", ","] = "."
    dates: Literal["dmy", "mdy", "excel"] | None = None
    scales: tuple[Period, ...] = ()
    factor: float = 1.0
    values: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    several: Literal["each"] | None = None
    span: Literal["every", "ends"] | None = None
    pseudonym: bool = False
    below: bool = False
    unanswered: tuple[str, ...] = ()

    @property
    def table(self) -> str | None:
        """Return the table of the source format, None where the column is not read."""
        return None if self.becomes is None else self.becomes.partition(".")[0]

    @property
    def field(self) -> str | None:
        """Return the column of the source format, None where the column is not read."""
        return None if self.becomes is None else self.becomes.partition(".")[2]


@dataclass(frozen=True)
class TableMap:
    """How one table of a source (a file, a sheet) is read.

    Parameters
    ----------
    table : str
        Its name: that of the sheet, or of the file without its ending.
    columns : tuple of ColumnMap
        In the order of the source.
    header : tuple of int
        The rows of its column names, from 1; two where names are spread over merged cells.
    visit : str or None
        The visit of every row, where a sheet holds one visit.
    """

    table: str
    columns: tuple[ColumnMap, ...]
    header: tuple[int, ...] = (1,)
    visit: str | None = None


@dataclass(frozen=True)
class Mapping:
    """How a whole source is read.

    Parameters
    ----------
    tables : tuple of TableMap
        Tables that are read; others are reported and left out.
    name, synthetic, data_date, region_convention
        As in ``source.toml``, which wins where the source has one.
    salt : str
        The secret of its pseudonyms; empty where there are none.
    """

    tables: tuple[TableMap, ...]
    name: str | None = None
    synthetic: bool = False
    data_date: date | None = None
    region_convention: Literal["junction", "split"] = "junction"
    salt: str = ""


@dataclass(frozen=True)
class Evidence:
    """One row of the table that a person corrects: a column and why it becomes what it does.

    Parameters
    ----------
    table, column : str
        The source's.
    becomes, visit : str or None
        As in `ColumnMap`.
    examples : tuple of str
        Up to five different texts of the column; none of an identifying one.
    filled : int
        How many cells are not blank.
    readable : float
        The share of those that can be read as what the column becomes, from 0 to 1.
    confidence : float
        From 0 (a guess) to 1 (the name is the source format's own).
    why : str
        A sentence.
    """

    table: str
    column: str
    becomes: str | None
    visit: str | None
    examples: tuple[str, ...]
    filled: int
    readable: float
    confidence: float
    why: str


@dataclass(frozen=True)
class Choice:
    """One answer to a question: its key and what it says."""

    key: str
    label: str


@dataclass(frozen=True)
class Question:
    """What only a person can say about a column.

    Parameters
    ----------
    code : str
        One of `QuestionCode`.
    table, column : str
        The source's.
    text : str
        The question.
    evidence : str
        What speaks for which answer, with numbers.
    choices : tuple of Choice
        The answers; ``data.mapping.edit.answer`` takes the key of one.
    proposed : str or None
        The key of the answer that the evidence speaks for, None where it speaks for none.
    value : str or None
        The text that is asked about, where it is one text of the column.
    also : tuple of str
        Other columns of the table that the answer is for too.
    """

    code: QuestionCode
    table: str
    column: str
    text: str
    evidence: str
    choices: tuple[Choice, ...]
    proposed: str | None = None
    value: str | None = None
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what stands in `ColumnMap.unanswered` until it is answered."""
        return self.code if self.value is None else f"{self.code}:{self.value}"

    @property
    def blocking(self) -> bool:
        """Return whether nothing is imported before it is answered.

        Otherwise the rows in question are held back.
        """
        return self.code not in HELD_BACK


@dataclass(frozen=True)
class TumourText:
    """A text for a tumour, how often it stands in the source, and what it counts as.

    ``data.mapping.edit.translate`` changes that.
    """

    table: str
    column: str
    text: str
    times: int
    code: str


@dataclass(frozen=True)
class Proposal:
    """A mapping with what speaks for it and what is still to be asked.

    Parameters
    ----------
    mapping : Mapping
        Its columns carry their open questions in `ColumnMap.unanswered`.
    evidence : tuple of Evidence
        One for every column of every table of the source, in order.
    questions : tuple of Question
        Blocking ones first.
    certain : bool
        Whether it can be used unseen: every name is the source format's own and nothing that
        blocks is open.
    missing : tuple of str
        Compulsory columns that nothing becomes, such as ``procedures.level``.
    tumours : tuple of TumourText
        Every text for a tumour, the most frequent first.
    """

    mapping: Mapping
    evidence: tuple[Evidence, ...]
    questions: tuple[Question, ...]
    certain: bool
    missing: tuple[str, ...] = ()
    tumours: tuple[TumourText, ...] = ()
