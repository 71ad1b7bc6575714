"""The tables of the source format from the rows of all source tables: joined and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from data.mapping.make_events import make_events
from data.mapping.make_patients import make_patients
from data.mapping.make_procedures import make_procedures, makes_procedures, operations_of
from data.mapping.make_visits import make_films, make_follow_ups
from data.mapping.notes import NOTED_SCHEMA
from data.readers.layout import layouts
from data.rules import HELD_BACK, RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.mapping.places import Places
    from data.mapping.reading import Reading

TREATED = ("patient_id", "operated_on", "level")
YEAR = r"^(\d{4})"


class Finished(NamedTuple):
    """Tables of the source format, and findings on their rows."""

    tables: dict[str, pl.DataFrame]
    findings: list[pl.DataFrame]


def finish(readings: Sequence[Reading], places: Places) -> Finished:
    """Return the tables of the source format that a source makes, empty ones left out."""
    findings: list[pl.DataFrame] = []
    procedures = _procedures(readings, places, findings)
    tables = {
        "patients": _patients(readings, procedures, places, findings),
        "procedures": procedures,
        "follow_ups": _scores(readings, procedures),
        "radiographs": _films(readings, procedures),
        "events": _events(readings, procedures),
    }
    return Finished(
        {table: _ordered(table, frame) for table, frame in tables.items() if frame is not None},
        findings,
    )


def _ordered(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    layout = layouts()[table]
    more = [name for name in (*layout.measured, "tumour_text") if name in frame.columns]
    blank = [
        pl.lit(None, dtype=pl.String).alias(name)
        for name in layout.fixed
        if name not in frame.columns
    ]
    return frame.with_columns(blank).select("row", *layout.fixed, *more).sort("row")


def _concat(frames: Sequence[pl.DataFrame]) -> pl.DataFrame | None:
    return pl.concat(frames, how="diagonal") if frames else None


# Procedures


def _procedures(
    readings: Sequence[Reading], places: Places, findings: list[pl.DataFrame]
) -> pl.DataFrame:
    """Return the procedures; where no table lists them, those that tables of films name."""
    makers = [one for one in readings if makes_procedures(one)]
    makers = makers or [one for one in readings if one.has("procedures.level")]
    frames = []
    for reading in makers:
        made = pl.concat(make_procedures(reading))
        if not _lists_procedures(reading):
            made = _merged(made, ["procedure_id"], "procedures", places, findings)
        frames.append(made)
    whole = pl.concat(frames)
    whole = _dated(whole, [found for one in readings if (found := operations_of(one)) is not None])
    named, nameless = (
        whole.filter(pl.col("procedure_id").is_not_null()),
        whole.filter(pl.col("procedure_id").is_null()),
    )
    nameless = _merged(nameless, list(TREATED), "procedures", places, findings)
    return pl.concat([named, _named(nameless)])


def _lists_procedures(reading: Reading) -> bool:
    """Return whether a table has a row for each procedure and nothing else in it."""
    return not any(one.table in ("follow_ups", "radiographs", "events") for one in reading.columns)


def _dated(procedures: pl.DataFrame, operations: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Give levels without a day that of their patient, where the patient has one alone."""
    if not operations:
        return procedures
    days = pl.concat(operations).unique().group_by("patient_id").agg("operated_on")
    alone = days.filter(pl.col("operated_on").list.len() == 1).select(
        "patient_id", only=pl.col("operated_on").list.first()
    )
    joined = procedures.join(alone, on="patient_id", how="left", maintain_order="left")
    return joined.with_columns(operated_on=pl.coalesce("operated_on", "only")).drop("only")


def _named(procedures: pl.DataFrame) -> pl.DataFrame:
    """Name procedures after their patient and level, those of later days with a number."""
    order = pl.col("operated_on").rank("dense").over("patient_id", "level").fill_null(1)
    again = pl.when(order > 1).then(pl.format("-{}", order.cast(pl.Int64))).otherwise(pl.lit(""))
    level = pl.col("level").fill_null("?")
    there = pl.col("patient_id").is_not_null()
    return procedures.with_columns(
        procedure_id=pl.when(there).then(pl.format("{}-{}{}", "patient_id", level, again))
    )


def _linked(frame: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    """Find the procedure of films that name their patient and level."""
    level = pl.col("level").fill_null("?").alias("level")
    known = procedures.select("patient_id", "operated_on", level, found="procedure_id")
    known = known.drop_nulls(["patient_id", "found"])
    by_day = known.unique(TREATED, keep="first", maintain_order=True)
    by_level = known.sort("operated_on").unique(["patient_id", "level"], keep="first")
    linked = frame.with_columns(level).join(by_day, on=TREATED, how="left", maintain_order="left")
    linked = linked.join(
        by_level.select("patient_id", "level", first="found"),
        on=["patient_id", "level"],
        how="left",
        maintain_order="left",
    )
    return linked.with_columns(procedure_id=pl.coalesce("procedure_id", "found", "first")).drop(
        "found", "first"
    )


def _owned(frame: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    """Find the patient of rows that name their procedure alone."""
    owners = procedures.select("procedure_id", owner="patient_id").drop_nulls()
    owners = owners.unique("procedure_id", keep="first", maintain_order=True)
    joined = frame.join(owners, on="procedure_id", how="left", maintain_order="left")
    return joined.with_columns(patient_id=pl.coalesce("patient_id", "owner")).drop("owner")


# Visits and events


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep one of the rows that a finer table repeats."""
    cells = [name for name in frame.columns if name != "row"]
    return frame.unique(cells, keep="first", maintain_order=True)


def _scores(readings: Sequence[Reading], procedures: pl.DataFrame) -> pl.DataFrame | None:
    frames = []
    for reading in readings:
        made = _concat(make_follow_ups(reading))
        if made is not None:
            made = _owned(made, procedures).drop("procedure_id", "level", "operated_on")
            finer = makes_procedures(reading) or reading.has("procedures.level")
            frames.append(_once(made) if finer else made)
    return _concat(frames)


def _films(readings: Sequence[Reading], procedures: pl.DataFrame) -> pl.DataFrame | None:
    frames = []
    for reading in readings:
        made = _concat(make_films(reading))
        if made is not None:
            frames.append(_once(made) if makes_procedures(reading) else made)
    whole = _concat(frames)
    return None if whole is None else _linked(whole, procedures)


def _events(readings: Sequence[Reading], procedures: pl.DataFrame) -> pl.DataFrame | None:
    frames = []
    for reading in readings:
        made = _concat(make_events(reading))
        if made is not None:
            made = _once(made) if makes_procedures(reading) else made
            frames.append(_owned(made, procedures))
    return _concat(frames)


# Patients


def _patients(
    readings: Sequence[Reading],
    procedures: pl.DataFrame,
    places: Places,
    findings: list[pl.DataFrame],
) -> pl.DataFrame:
    made = [(one, found) for one in readings if (found := make_patients(one)) is not None]
    lists = [found for one, found in made if all(col.table == "patients" for col in one.columns)]
    others = [found for one, found in made if not any(found is one for one in lists)]
    if not made:
        return _of_procedures(procedures)
    if len(lists) == 1 and not others:
        whole = lists[0]
    else:
        if lists and others:
            known = pl.concat([one.select("patient_id") for one in lists])["patient_id"]
            others = [one.filter(pl.col("patient_id").is_in(known.implode())) for one in others]
        whole = pl.concat([*lists, *others], how="diagonal")
        whole = _merged(whole, ["patient_id"], "patients", places, findings)
    return _born(whole, procedures)


def _of_procedures(procedures: pl.DataFrame) -> pl.DataFrame:
    """Return the patients that procedures name, where a source says nothing else of them."""
    there = procedures.select("row", "patient_id").drop_nulls().sort("row")
    return there.unique("patient_id", keep="first", maintain_order=True)


def _born(patients: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    """Reckon years of birth from ages at the operation."""
    first = procedures.group_by("patient_id").agg(first=pl.min("operated_on"))
    patients = patients.join(first, on="patient_id", how="left", maintain_order="left")
    year = pl.coalesce("aged_in", pl.col("first").str.extract(YEAR))
    born = year.cast(pl.Int64, strict=False) - pl.col("age").cast(pl.Int64, strict=False)
    return patients.with_columns(birth_year=pl.coalesce("birth_year", born.cast(pl.String)))


# Rows that are the same thing


def _merged(
    frame: pl.DataFrame,
    key: Sequence[str],
    table: str,
    places: Places,
    findings: list[pl.DataFrame],
) -> pl.DataFrame:
    """Make one row of the rows of a key; cells that contradict each other are held back."""
    own = (
        frame.select(key).is_duplicated()
        & frame.select(pl.all_horizontal(pl.col(key).is_not_null())).to_series()
    )
    if not own.any():
        return frame
    columns = [name for name in frame.columns if name not in ("row", *key)]
    repeated = frame.filter(own)
    agreed = repeated.group_by(key, maintain_order=True).agg(
        pl.col("row").first(),
        *(
            pl.when(pl.col(name).drop_nulls().n_unique() <= 1)
            .then(pl.col(name).drop_nulls().first())
            .alias(name)
            for name in columns
        ),
    )
    for name in columns:
        findings.append(_contradictions(repeated, key, name, table, places))
    return pl.concat([frame.filter(~own), agreed.select(frame.columns)]).sort("row")


def _contradictions(
    repeated: pl.DataFrame, key: Sequence[str], name: str, table: str, places: Places
) -> pl.DataFrame:
    """Return a finding for every cell that says another thing than the others of its key."""
    rule = RULES["contradictory_repeats"].name
    told = repeated.filter(pl.col(name).is_not_null())
    told = told.filter((pl.col(name).n_unique() > 1).over(key))
    rows = places.shown(pl.col("row")).str.join(", ").over(key)
    whose = "patient" if table == "patients" else "procedure"
    advice = pl.format(
        f"The {name} of rows {{}} is of the same {whose} and differs, so none is kept; correct it.",
        rows,
    )
    return told.select(
        pl.lit(table).alias("table"),
        "row",
        pl.lit(name).alias("column"),
        pl.lit(rule).alias("rule"),
        pl.lit(HELD_BACK).alias("severity"),
        pl.col(name).cast(pl.String).alias("value"),
        advice.alias("advice"),
        pl.lit(table).alias("target"),
        pl.lit(name).alias("field"),
    ).cast(NOTED_SCHEMA)
