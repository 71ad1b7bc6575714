"""Every page of the menu, opened on small registries that most tests cannot be run on."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from data.codebook import selectable_measures
from data.warehouse import REGISTRY_VARIABLE
from pages.views.trajectories import AXES, LAYOUTS, OVER_TIME, UNITS, VIEWS
from queries.monitoring import LIMITS, TARGETS
from queries.questions import QUESTIONS
from tests.awkward import COHORTS, registry_of
from tests.folds import unfold
from tests.test_pages import FRAME, PAGES, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVERY_SETTING = "one apart"
VIEW, OTHERS = True, False
CHART = "vega_lite_chart"
SAYING = ("markdown", "caption", "info", "warning", "error")
PLACES = ("column", "expander", "tab")
LABELLED = ("expander", "tab", "selectbox", "button", "checkbox", "slider", "page_link")
HEADING = re.compile(r"^(#+ .*|\*\*[^*]+\*\*)$", re.MULTILINE)
WORD = re.compile(r"[A-Za-z]{2,}")
CODE_WORDS = re.compile(
    r"\bNone\b|\b[nN]a[nN]\b|\binf\b|–\s?%|– to –|– (months|points|mm)\b"
    r"|\[\]|\{\}|\barray\(|\bnp\.|Traceback|\d\.\d{5,}"
)
ZERO_PER_CENT = re.compile(
    r"(?<![\d.])(?<!judged as )(?<!from )0(\.0+)?\s?%(?! of the reference| to )"
)
NOBODY = "Nobody in the registry matches this filter"
CODES = (
    *(*VIEWS, *AXES, *LAYOUTS, *UNITS),
    *(str(place) for place in range(20)),
    *sorted({code for q in QUESTIONS.values() for known in q.choices.values() for code in known}),
)
OVERVIEW, TRAJECTORIES = "outcomes/overview.py", "outcomes/trajectories.py"
RESPONDERS, SURVIVAL = "outcomes/responders.py", "follow_up/survival.py"
FOLLOW_UP = "follow_up/attrition.py"
LEAKAGE, ALIGNMENT = "imaging/leakage.py", "imaging/alignment.py"


TOGETHER: dict[str, tuple[dict[str, str], ...]] = {
    TRAJECTORIES: (
        {"measure": "odi", "view": "bands"},
        {"measure": "vas", "view": "value", "by": "none"},
        *({"view": view, "axis": axis} for view in OVER_TIME for axis in ("days", "steps")),
        *(
            {"view": view, "by": "sex", "layout": layout}
            for view in OVER_TIME
            for layout in LAYOUTS
        ),
    ),
    LEAKAGE: (
        {"view": "rates", "by": "level"},
        *({"by": field} for field in ("region", "primary_tumour", "sex", "age_band", "centre")),
        *({"view": "time", "target": target} for target in TARGETS),
        *({"limit": limit} for limit in LIMITS),
    ),
}


@dataclass(frozen=True)
class View:
    """What one page showed with one setting of its controls."""

    page: str
    controls: tuple[str, ...]
    exceptions: tuple[str, ...]
    words: tuple[str, ...]
    charts: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]

    @property
    def text(self) -> str:
        """All visible words, thin spaces made plain."""
        return "\n".join(self.words).replace("\u202f", " ")


def inside(block: Any) -> Iterator[Any]:
    for _, child in sorted(block.children.items()):
        yield child
        if hasattr(child, "children"):
            yield from inside(child)


def visible(node: Any) -> list[str]:
    if node.type in SAYING:
        return [str(node.value)]
    if node.type == "html":
        return [spoken(node)]
    return [str(getattr(node, "label", ""))] if node.type in LABELLED else []


def is_empty(place: Any) -> bool:
    nodes = list(inside(place))
    said = "\n".join(str(node.value) for node in nodes if node.type in SAYING)
    return not any(node.type == CHART for node in nodes) and not WORD.search(HEADING.sub("", said))


def controls(app: AppTest) -> list[Any]:
    found = [*app.main.get("button_group"), *app.main.get("selectbox")]
    return [widget for widget in found if str(widget.key).startswith("view.")]


def looked_at(app: AppTest, page: str) -> View:
    nodes = [*inside(app.main), *inside(app.sidebar)]
    places = [node for node in inside(app.main) if node.type in PLACES]
    return View(
        page=page,
        controls=tuple(f"{widget.key}={widget.value}" for widget in controls(app)),
        exceptions=tuple(str(error.value) for error in app.exception),
        words=tuple(words for node in nodes for words in visible(node)),
        charts=tuple(
            zip(
                [words for node in nodes if node.type == "html" and (words := spoken(node))],
                [node.proto.spec for node in nodes if node.type == CHART],
                strict=True,
            )
        ),
        empty=tuple(getattr(place, "label", place.type) for place in places if is_empty(place)),
    )


def is_view(widget: Any) -> bool:
    return str(widget.key).endswith(".view")


def shown_first(app: AppTest, cohort: str) -> tuple[int, ...]:
    """Places of the views of a page: every one, or the second and the last in turn."""
    return places([widget for widget in controls(app) if is_view(widget)], cohort) or (0,)


def settings(app: AppTest, cohort: str) -> tuple[int, ...]:
    """Places in the other lists of options of what is shown."""
    return places([widget for widget in controls(app) if not is_view(widget)], cohort) or (0,)


def places(widgets: list[Any], cohort: str) -> tuple[int, ...]:
    if not widgets:
        return ()
    longest = max(len(widget.options) for widget in widgets)
    if cohort == EVERY_SETTING:
        return tuple(range(longest))
    return (1,) if list(COHORTS).index(cohort) % 2 else (longest - 1,)


def code_of(widget: Any, label: str) -> str:
    """Return the code that reads so in a control; the label where no question knows one."""
    for code in CODES:
        with contextlib.suppress(KeyError):
            if widget.format_func(code) == label:
                return code
    return label


def turned(app: AppTest, place: int, which: bool) -> None:
    """Set the view, or the other controls that it shows, to the option at a place."""
    turning = [widget for widget in controls(app) if is_view(widget) == which]
    for widget in turning:
        label = widget.options[min(place, len(widget.options) - 1)]
        widget.set_value(code_of(widget, label))
    if turning:
        app.run()


def set_together(app: AppTest, chosen: dict[str, str]) -> None:
    """Set controls by name, one after another, since one can bring the next."""
    for name, code in chosen.items():
        next(w for w in controls(app) if str(w.key).endswith(f".{name}")).set_value(code).run()


@functools.cache
def views(path: Path, cohort: str) -> tuple[View, ...]:
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(REGISTRY_VARIABLE, str(path))
        app = AppTest.from_file(str(FRAME), default_timeout=30)
        for name, value in COHORTS[cohort].where.items():
            app.query_params[name] = value
        app.run()
        for page in PAGES:
            if page != PAGES[0]:
                unfold(app)
                app.switch_page(page).run()
            seen.append(looked_at(app, page))
        for page in [view.page for view in seen if view.controls]:
            unfold(app)
            app.switch_page(page).run()
            for show in shown_first(app, cohort):
                turned(app, show, VIEW)
                for place in settings(app, cohort):
                    turned(app, place, OTHERS)
                    seen.append(looked_at(app, page))
            for chosen in TOGETHER.get(page, ()) if cohort == EVERY_SETTING else ():
                set_together(app, chosen)
                seen.append(looked_at(app, page))
    return tuple(seen)


@pytest.fixture(params=COHORTS)
def cohort(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def seen(cohort: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[View, ...]:
    return views(registry_of(cohort, tmp_path_factory), cohort)


@pytest.fixture
def says(tmp_path_factory: pytest.TempPathFactory) -> Any:
    def text(cohort: str, page: str) -> str:
        found = views(registry_of(cohort, tmp_path_factory), cohort)
        return next(view.text for view in found if view.page == page)

    return text


def test_no_page_fails(seen: tuple[View, ...]) -> None:
    assert [(view.page, view.controls, view.exceptions) for view in seen if view.exceptions] == []


def test_every_page_of_the_menu_counts_the_cohort(cohort: str, seen: tuple[View, ...]) -> None:
    expected = COHORTS[cohort]
    patients = f"**{expected.n_patients}** patient{'s' if expected.n_patients != 1 else ''} "
    assert {view.page for view in seen} == set(PAGES)
    assert all(
        patients in view.text and f"**{expected.n_levels}** level" in view.text for view in seen
    )


def test_every_place_shows_a_chart_or_a_sentence(seen: tuple[View, ...]) -> None:
    assert [(view.page, view.controls, view.empty) for view in seen if view.empty] == []


def test_every_word_is_for_a_reader(seen: tuple[View, ...]) -> None:
    wrong = {
        (view.page, line.strip()[:300])
        for view in seen
        for line in view.text.splitlines()
        if CODE_WORDS.search(line)
    }
    assert wrong == set()


def test_every_chart_is_valid_and_has_a_text(seen: tuple[View, ...]) -> None:
    for view in seen:
        for alternative, spec in view.charts:
            assert WORD.search(alternative), view.page
            json.loads(spec, parse_constant=pytest.fail)


def test_names_stand_in_an_order_that_no_earlier_rows_decide(seen: tuple[View, ...]) -> None:
    loose = {
        (view.page, channel["field"])
        for view in seen
        for _, spec in view.charts
        for channel in _unsorted(json.loads(spec))
        if "domain" not in (channel.get("scale") or {})
    }
    assert loose == set()


def _unsorted(part: Any) -> Iterator[dict[str, Any]]:
    """Return the channels of a specification whose names nothing sorts."""
    if isinstance(part, dict) and "field" in part and part.get("sort", "ascending") is None:
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _unsorted(inner)


def test_no_rate_is_called_zero_per_cent(cohort: str, seen: tuple[View, ...]) -> None:
    wrong = {
        (view.page, line.strip()[:300])
        for view in seen
        for line in view.text.splitlines()
        if ZERO_PER_CENT.search(line)
    }
    assert wrong == set(), cohort


@pytest.mark.parametrize("page", PAGES)
def test_a_filter_that_matches_nobody_and_an_empty_registry_are_told_apart(
    says: Any, page: str
) -> None:
    assert NOBODY in says("nobody matches", page)
    empty = says("no procedure kept", page)
    assert "This registry holds no procedures yet" in empty
    assert "matches th" not in empty


def test_every_control_of_a_page_is_turned(tmp_path_factory: pytest.TempPathFactory) -> None:
    seen = views(registry_of(EVERY_SETTING, tmp_path_factory), EVERY_SETTING)
    shown = {control for view in seen for control in view.controls}
    assert {f"view.alignment.view={code}" for code in ("value", "change", "courses")} <= shown
    assert {f"view.trajectories.view={code}" for code in VIEWS} <= shown
    assert {f"view.leakage.by={code}" for code in ("level", "region", "primary_tumour")} <= shown
    leaks = ("rates", "locations", "volume", "time", "published")
    assert {f"view.leakage.view={code}" for code in leaks} <= shown
    assert {f"view.leakage.target={code}" for code in ("0.125", "0.06", "cohort")} <= shown
    for question, unit in (("trajectories", "patient"), ("alignment", "level")):
        codes = [measure.code for measure in selectable_measures(unit)]
        assert {f"view.{question}.measure={code}" for code in codes} <= shown


@pytest.mark.parametrize(
    ("cohort", "page", "words"),
    [
        ("one patient", OVERVIEW, "1 patient (1 man)"),
        ("one patient", TRAJECTORIES, "with 1 pair no result could reach 0.05"),
        ("one patient", LEAKAGE, "1 of 2 levels (95 % CI"),
        ("one patient", ALIGNMENT, "no verdict, with 1 patient the mean change has no interval"),
        ("five pairs", OVERVIEW, "with 5 pairs no result could reach 0.05"),
        ("five pairs", TRAJECTORIES, "with 5 pairs no result could reach 0.05"),
        ("five pairs", TRAJECTORIES, "fragile: fewer than 10 pairs"),
        ("five pairs", ALIGNMENT, "with 5 pairs no result could reach 0.05"),
        ("every value the same", OVERVIEW, "no variation: every value at both visits is the same"),
        ("every value the same", TRAJECTORIES, "no patient's value changed between visits"),
        ("nobody changed", TRAJECTORIES, "all 12 differences are zero"),
        ("nobody changed", ALIGNMENT, "all 12 differences are zero"),
        ("every change the same", ALIGNMENT, "no variation: every change is the same"),
        ("baseline only", OVERVIEW, "recorded before the operation alone"),
        ("baseline only", TRAJECTORIES, "No visit can be compared with the one before"),
        ("baseline only", ALIGNMENT, "no level has a film after the operation and a later one"),
        ("procedures only", OVERVIEW, "not recorded for anybody in this cohort"),
        ("procedures only", TRAJECTORIES, "Nobody in the registry has a value"),
        ("procedures only", LEAKAGE, "nobody looked for a leak at any of the 24 levels"),
        ("procedures only", ALIGNMENT, "not recorded for anybody in this cohort"),
        ("everyone dead by 6 months", OVERVIEW, "12 known to have died"),
        ("everyone dead by 6 months", OVERVIEW, "| 3 months | 6 | 6 |"),
        ("everyone dead by 6 months", TRAJECTORIES, "3 months: 6 missing (6 dead)"),
        ("the dead among others", TRAJECTORIES, "3 months: 6 missing (6 dead)"),
        ("the dead among others", TRAJECTORIES, "| 6 months | 0 | 12 |"),
        ("all leaks in one patient", OVERVIEW, "in 1 of 12 patients"),
        ("all leaks in one patient", LEAKAGE, "intraclass correlation 1.00 (estimated)"),
        ("everyone dead by 6 months", RESPONDERS, "3 months: 12 patients due, 6 measured, 6 dead"),
        ("everyone dead by 6 months", SURVIVAL, "12 deaths among 12 patients followed"),
        ("everyone dead by 6 months", SURVIVAL, "too many died first"),
        ("procedures only", RESPONDERS, "not recorded for anybody in this cohort"),
        ("everyone dead by 6 months", FOLLOW_UP, "At 3 months, 6 of 6 patients due were seen"),
        ("procedures only", FOLLOW_UP, "0 of 12 patients due were seen (up to 26.5 % cannot"),
        ("procedures only", SURVIVAL, "0 deaths among 12 patients followed"),
        ("five pairs", SURVIVAL, "Fragile: fewer than 10 patients"),
        ("one patient", RESPONDERS, "1 of 1 patient (95 % CI"),
        ("nobody matches", SURVIVAL, "nobody matches the filter"),
        ("no leaks", LEAKAGE, "No leak, so no place to name"),
    ],
)
def test_the_sentence_names_the_reason(says: Any, cohort: str, page: str, words: str) -> None:
    assert words in says(cohort, page)


@pytest.mark.parametrize("page", [OVERVIEW, LEAKAGE])
def test_no_leak_is_an_upper_bound_and_never_a_rate(says: Any, page: str) -> None:
    assert re.search(
        r"0 of 24 levels \(up to [\d.]+ % cannot be excluded\)", says("no leaks", page)
    )


@pytest.mark.parametrize("page", [TRAJECTORIES, ALIGNMENT])
def test_a_comparison_with_a_group_of_one_says_that_nothing_could_reach_the_limit(
    tmp_path_factory: pytest.TempPathFactory, page: str
) -> None:
    seen = views(registry_of("one apart", tmp_path_factory), "one apart")
    of_page = [view for view in seen if view.page == page]
    compared = [view for view in of_page if any(".by=sex" in name for name in view.controls)]
    assert compared
    reasons = ("with groups of 12 and 1 no result could reach 0.05", "no variation: every value")
    assert all(any(reason in view.text for reason in reasons) for view in compared)


def test_a_visit_without_values_is_not_compared(says: Any) -> None:
    text = says("a visit without values", TRAJECTORIES)
    assert "**12 months:** Wilcoxon" in text
    assert "6 months" not in text


def test_a_group_of_one_is_counted_and_has_no_bare_percentage(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    seen = views(registry_of("one apart", tmp_path_factory), "one apart")
    by_tumour = next(view for view in seen if "view.leakage.by=primary_tumour" in view.controls)
    row = next(line for line in by_tumour.text.splitlines() if line.startswith("| lung |"))
    assert row.startswith("| lung | 1 of 1 | – |")
