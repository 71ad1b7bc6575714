"""What the view "readers" says: how far two readings of one film lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.sentences import nobody_in
from pages.shared.wording import (
    THIN,
    interval,
    number,
    plain,
    plural,
    uncapitalised,
    visit_label,
    with_unit,
)
from queries.statistics.limits import ICC_CLUSTERS

if TYPE_CHECKING:
    from queries.agreement import Agreement
    from queries.statistics.results import Estimate

Row = dict[str, str]
JACKKNIFE = (
    "Intervals: jackknife that leaves out one patient at a time, since levels and visits of one "
    "patient are not independent."
)
UNBLINDED = "The registry does not say whether the readers knew of each other's readings."
AVERAGED = (
    "Elsewhere the readings of a film are averaged, so a film read twice is more certain than one."
)


def title(answer: Agreement) -> str:
    """Return the title: both readers, the measure and its unit."""
    of = uncapitalised(answer.measure.label)
    if answer.readers is None:
        return f"Agreement between readers: {of} ({answer.measure.unit})"
    first, second = (plain(reader) for reader in answer.readers)
    return f"Agreement between readers {first} and {second}: {of} ({answer.measure.unit})"


def mean_axis(answer: Agreement) -> str:
    """Return the title of the axis of means."""
    sign = " (+ kyphosis, − lordosis)" if answer.measure.unit == "°" else ""
    return f"mean of both readings, {answer.measure.unit}{sign}"


def difference_axis(answer: Agreement) -> str:
    """Return the title of the axis of differences."""
    first, second = answer.readers or ("", "")
    return f"{second} − {first}, {answer.measure.unit}"


def _decimals(answer: Agreement) -> int:
    return max(answer.measure.decimals, 1)


def value(answer: Agreement, found: Estimate | None, *, sign: bool = False) -> str:
    """Print a number in the measure's unit."""
    shown = None if found is None else found.value
    return with_unit(shown, _decimals(answer), answer.measure.unit, sign=sign)


def _with_interval(answer: Agreement, found: Estimate, *, sign: bool = False) -> str:
    span = interval(found.ci_low, found.ci_high, _decimals(answer), found.ci_level)
    return f"{value(answer, found, sign=sign)} ({span})"


def films_words(answer: Agreement) -> str:
    """Say how many films were read by both."""
    found = answer.found
    return (
        f"{plural(found.n, 'film')} of {plural(answer.n_levels, 'level')} in "
        f"{plural(found.n_clusters, 'patient')}"
    )


def answer_sentence(answer: Agreement) -> str:
    """Say the smallest detectable change, beside that of the codebook, or why there is none."""
    found = answer.found
    if not answer.selection.n_patients:
        return f"Readers: {nobody_in(answer.selection)}, so there is nothing to compare."
    if found.sdc is None:
        films = f" ({films_words(answer)})" if found.n else ""
        of = uncapitalised(answer.measure.label)
        return f"Readers cannot be compared on {of}: {found.refused}{films}."
    return (
        f"Smallest detectable change between readers: **{value(answer, found.sdc)}** "
        f"({_span(answer, found.sdc)}){beside_codebook(answer)}; {films_words(answer)}."
    )


def _span(answer: Agreement, found: Estimate) -> str:
    return interval(found.ci_low, found.ci_high, _decimals(answer), found.ci_level)


def beside_codebook(answer: Agreement) -> str:
    """Set the measurement error of the codebook beside that of these readers."""
    sdc, error = answer.found.sdc, answer.measure.error
    if error is None or sdc is None:
        return ", no measurement error is in the codebook"
    shown = with_unit(error, _decimals(answer), answer.measure.unit)
    if sdc.ci_low is None or sdc.ci_high is None:
        side = ""
    elif sdc.ci_low > error:
        side = ", which is smaller"
    elif sdc.ci_high < error:
        side = ", which is larger"
    else:
        side = ", inside this interval"
    return f"; the codebook sets {shown}{side}"


def agreement_sentences(answer: Agreement) -> list[str]:
    """Say bias, limits of agreement and correlation, each with its interval."""
    found = answer.found
    if found.bias is None or found.lower is None or found.upper is None or answer.readers is None:
        return []
    first, second = (plain(reader) for reader in answer.readers)
    words = [
        f"Bias {second} − {first}: {_with_interval(answer, found.bias, sign=True)}.",
        (
            f"95{THIN}% limits of agreement: {value(answer, found.lower, sign=True)} to "
            f"{value(answer, found.upper, sign=True)} (lower {_span(answer, found.lower)}; upper "
            f"{_span(answer, found.upper)})."
        ),
    ]
    if found.icc is not None:
        span = interval(found.icc.ci_low, found.icc.ci_high, 2, found.icc.ci_level)
        words.append(
            f"ICC(2,1) {number(found.icc.value, 2)} ({span}); it grows with how different the "
            "levels are, the limits do not."
        )
    if found.n_clusters < ICC_CLUSTERS:
        words.append(f"No intervals: fewer than {ICC_CLUSTERS} patients with a film read by both.")
    return words


def method_sentences(answer: Agreement) -> list[str]:
    """Say what the intervals allow for and what is not known."""
    other = []
    if answer.other_pairs:
        further = plural(answer.other_pairs, "further pair")
        other = [f"{further} of readers with fewer films in common not shown."]
    return [JACKKNIFE, *other, UNBLINDED, AVERAGED] if answer.found.n else [AVERAGED]


def legend(answer: Agreement) -> str:
    """Name every mark of the chart."""
    error = ""
    if answer.measure.error is not None:
        shown = with_unit(answer.measure.error, _decimals(answer), answer.measure.unit)
        error = f" Dotted: the measurement error of the codebook, ±{shown}."
    each = "one film read by both"
    if max(answer.films["together"], default=1) > 1:
        each = "films of nearly the same mean and difference, the larger the more"
    return (
        f"Each dot: {each}; triangle: outside the limits of agreement. Solid line: "
        f"bias; dashed: 95{THIN}% limits of agreement; bands: their 95{THIN}% CI.{error}"
    )


def alt(answer: Agreement) -> str:
    """Say the chart in words."""
    return (
        f"Bland-Altman chart of {uncapitalised(answer.measure.label)}, one dot per film. "
        f"{answer_sentence(answer)} {' '.join(agreement_sentences(answer))}"
    ).replace("**", "")


def film_rows(answer: Agreement) -> list[Row]:
    """Return the films as the chart draws them."""
    first, second = (plain(reader) for reader in answer.readers or ("first", "second"))
    decimals = answer.measure.decimals
    return [
        {
            "patient": plain(row.get("patient_id") or plural(row["together"], "film")),
            "level": row.get("level") or "–",
            "visit": visit_label(row["visit"]) if "visit" in row else "–",
            first: number(row.get("first"), decimals),
            second: number(row.get("second"), decimals),
            "difference": number(row["difference"], decimals, sign=True),
        }
        for row in answer.films.to_dicts()
    ]
