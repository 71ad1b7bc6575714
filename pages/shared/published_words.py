"""What is said of published series beside our own rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.leak_words import modality_label
from pages.shared.sentences import interval_percent, nobody_in, rate
from pages.shared.wording import percent, plural
from queries.cohort import UNRECORDED
from queries.published import MADE_FROM
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from queries.published import Beside, Published
    from queries.statistics.results import Proportion

Row = dict[str, str]
RULE = (
    "A published series is drawn beside ours only where the procedure, the denominator (levels or "
    "patients) and the way of looking for leaks agree: CT finds several times as many leaks as "
    "radiographs. It is never tested against, and never pooled; population and follow-up differ. "
    "Series whose counts could not be verified are not listed."
)
MADE_UP = "This registry is SYNTHETIC: made up, so that nothing follows from a rate beside it."
FROM_MODEL = (
    "It was made with the margins of its model study (Pflugmacher 2007: 8 of 64 levels). That the "
    "two agree is no finding, so that study is never drawn beside it."
)


def synthetic_sentence(answer: Published) -> str:
    """Say what a made-up registry is worth beside a published series."""
    if not answer.selection.synthetic:
        return ""
    model = any(MADE_FROM in one.reasons for one in answer.series)
    return f"{MADE_UP} {FROM_MODEL}" if model else MADE_UP


def shown(answer: Published) -> list[Beside]:
    """Return the series that were counted in the same way as one of our own rates."""
    return [one for one in answer.series if not one.reasons]


def published_sentence(answer: Published) -> str:
    """Say which published series stand beside our own rates."""
    if not answer.selection.n_levels:
        return f"Published series: {nobody_in(answer.selection)}, so there is no rate of ours."
    if not answer.ours:
        return (
            "Published series: nobody looked for a leak at any level, so there is no rate of ours."
        )
    own = "; ".join(
        f"{modality_label(way)}: "
        + ", ".join(
            rate(one.proportion, one.denominator) for one in answer.ours if one.modality == way
        )
        for way in dict.fromkeys(one.modality for one in answer.ours)
    )
    beside = shown(answer)
    if not beside:
        return (
            f"Ours: {own}. None of {len(answer.series)} published series was counted in this way."
        )
    names = "; ".join(
        f"{one.series.study}, {rate(one.proportion, one.series.denominator)}" for one in beside
    )
    return f"Ours, {own}. Published, counted in the same way: {names}."


def published_alt(answer: Published) -> str:
    """Say the chart in words."""
    return f"Our own rates of leaks with published ones. {published_sentence(answer)}"


def published_legend() -> str:
    """Name every mark of the chart."""
    return (
        "Filled: this choice, with its 95 % CI (levels: on the effective sample size). Hollow: "
        "published series, with Wilson's 95 % CI on the counts as printed, as if independent."
    )


def _share(found: Proportion) -> str:
    return percent(found.rate) if found.n >= RATE_NEEDS and found.k else "–"


def own_rows(answer: Published) -> list[Row]:
    """Return our own rates and the series drawn beside them."""
    ours = [
        _rate_row("this choice", own.modality, own.denominator, own.proportion)
        for own in answer.ours
    ]
    theirs = [
        _rate_row(
            one.series.study,
            one.series.leak_modality or UNRECORDED,
            one.series.denominator,
            one.proportion,
        )
        for one in shown(answer)
    ]
    return ours + theirs


def _rate_row(name: str, modality: str, denominator: str, found: Proportion) -> Row:
    return {
        "series": name,
        "looked for by": modality_label(modality),
        "with a leak": f"{found.k} of {plural(found.n, denominator)}",
        "rate": _share(found),
        "interval": interval_percent(found),
    }


def series_rows(answer: Published) -> list[Row]:
    """Return every published series, and why it is not drawn."""
    return [
        {
            "series": one.series.study,
            "with a leak": f"{one.series.k} of {plural(one.series.n, one.series.denominator)}",
            "rate": f"{_share(one.proportion)} ({interval_percent(one.proportion)})",
            "looked for by": modality_label(one.series.leak_modality)
            if one.series.leak_modality
            else "not stated",
            "sponsor": one.series.sponsor or "–",
            "not drawn because": "; ".join(one.reasons) or "drawn",
        }
        for one in answer.series
    ]


def source_rows(answer: Published) -> list[Row]:
    """Return where each published series was read, and whom it treated."""
    return [
        {
            "series": one.series.study,
            "population": one.series.population,
            "procedure": one.series.procedure,
            "source": _source(one),
        }
        for one in answer.series
    ]


def _source(one: Beside) -> str:
    series = one.series
    doi = f", doi {series.doi}" if series.doi else ""
    note = f"; {series.note}" if series.note else ""
    return f"{series.source}{doi}; {series.verified_by} {series.verified_on}{note}"
