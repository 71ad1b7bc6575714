"""The dashboard as a person meets it: started as the README says, opened in Chromium."""

from __future__ import annotations

import csv
import re
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from data import example
from data.codebook import LEVELS, region, visits
from data.warehouse import open_registry
from pages.charts.theme import LIGHT
from pages.shared.security import HEADERS
from pages.shared.wording import p_value
from queries.cohort import Cohort
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
PAGES: dict[str, str | re.Pattern[str]] = {
    "": "Results at a glance",
    "trajectories": "Pain (VAS) of patients",
    "responders": "Pain (VAS): patients with a fall",
    "leakage": "Cement leakage by level",
    "alignment": "of treated levels over the visits",
    "subgroups": "in subgroups of patients",
    "survival": "Survival of patients",
    "attrition": "Follow-up of patients",
    "events": "Adjacent fracture in patients",
    "patient": re.compile(r"^Patient\b"),
    "import_data": "Import the department's own tables",
    "quality": "Data quality",
    "methods": "Methods",
}
FOLDED = ["subgroups", "import_data", "quality", "methods"]
RESULTS = [path for path in PAGES if path not in ("methods", "import_data")]
CLEAR_OF = """([left, right]) => {
  const [one, other] = [left.getBoundingClientRect(), right.getBoundingClientRect()];
  return one.width && one.right <= other.left;
}"""
POINTS_OF_LINES = """([colour, points]) => {
  const lines = [...document.querySelectorAll(`path[stroke="${colour}61"]`)];
  return lines.map((one) => one.getAttribute("d").match(/[ML]/g) ?? []).flat().length === points;
}"""
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
AT_REST = """() => !document.querySelector('[data-stale="true"]')
  && document.getAnimations().every((one) => one.playState !== "running")"""
CHART = '[data-testid="stVegaLiteChart"]'
SIDEBAR = '[data-testid="stSidebar"]'
# On a deep link Streamlit itself first asks beside the page's address for its own services.
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")
# Serious by axe, but of Streamlit's or Vega's own making.
WATCH_FOR_A_PAGE_ALONE = """
new MutationObserver(() => {
  const heading = document.querySelector('[data-testid="stMain"] h3');
  const frame = document.querySelector('[data-testid="stMain"] .st-key-cohort_line')
    && document.querySelector('.st-key-frame-menu');
  if (heading && !frame) window.pageAlone = true;
  if (heading && frame) window.pageInFrame = true;
}).observe(document, {childList: true, subtree: true});
"""
ON_THE_LINE = """(lines) => lines.map((line) => {
  const on = line.getPointAtLength(line.getTotalLength() * 0.37);
  const at = on.matrixTransform(line.getScreenCTM());
  return document.elementFromPoint(at.x, at.y) === line ? [at.x, at.y] : null;
}).filter(Boolean)"""

LOOK = ("fill", "stroke", "opacity", "stroke-dasharray", "aria-label")
PLACE = ("d", "transform", "x2", "y2")
MARKS = """(charts, names) => charts.map((chart) =>
  [...chart.querySelectorAll('[class^="mark-"] > :not(g)')].map((mark) =>
    [mark.tagName, mark.textContent, ...names.map((name) => mark.getAttribute(name))]
      .join(" ").replace(/url\\([^)]*\\)/, "url")).sort())"""


def rows(table: str) -> list[dict[str, str]]:
    path = Path(example.__file__).parent / "example" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def members(
    tumour: str | None = None, where: str | None = None
) -> tuple[set[str], list[dict[str, str]]]:
    """Count a cohort straight from the CSV files, without the product's own filter."""
    of_tumour = {
        row["patient_id"] for row in rows("patients") if tumour in (None, row["primary_tumour"])
    }
    levels = [
        row
        for row in rows("procedures")
        if row["patient_id"] in of_tumour and where in (None, region(row["level"], "junction"))
    ]
    return {row["patient_id"] for row in levels}, levels


def cohort_words(tumour: str | None = None, where: str | None = None) -> re.Pattern[str]:
    patients, levels = members(tumour, where)
    return re.compile(rf"\b{len(patients)} patients?\W+{len(levels)} levels?\b")


def pairs(levels: list[dict[str, str]], visit: str) -> int:
    """Count patients with both scores whose first operation lies in the cohort."""
    first: dict[str, str] = {}
    for row in rows("procedures"):
        day = row["operated_on"]
        first[row["patient_id"]] = min(day, first.get(row["patient_id"], day))
    patients = {r["patient_id"] for r in levels if r["operated_on"] == first[r["patient_id"]]}
    seen = {
        when: {r["patient_id"] for r in rows("follow_ups") if r["visit"] == when and r["vas"]}
        for when in ("pre", visit)
    }
    return len(patients & seen["pre"] & seen[visit])


def printed_p(visit: str, **cohort: tuple[str, ...]) -> str:
    warehouse = open_registry(example.example_registry())
    answer = trajectory(warehouse.reader(), Cohort(**cohort), measure="vas")  # type: ignore[arg-type]
    p = next(test.p_adjusted for test in answer.paired if test.visit == visit)
    warehouse.close()
    return p_value(p)


class Visitor:
    """One person's browser: fresh, watched for requests abroad and for errors."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1400, "height": 1000}, **options
        )
        self.context.set_default_timeout(15_000)
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not PROBE.search(urlsplit(message.location["url"]).path):
            self.faults.append(f"{message.text} {message.location['url']}")

    @property
    def abroad(self) -> list[str]:
        own = urlsplit(self.url).netloc
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != own
        ]

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    @property
    def cohort_line(self) -> Locator:
        return self.page.locator(".st-key-cohort_line")

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)

    def open(self, path: str = "", *, heading: str | None = None) -> Visitor:
        self.page.goto(f"{self.url}/{path}")
        return self.settled(PAGES[path.split("?")[0]] if heading is None else heading)

    def turn_to(self, path: str) -> Visitor:
        """Open a page by a click in the menu."""
        if path in FOLDED:
            self.menu.locator("summary").click()
        self.menu.locator(f'a[data-page="{path}"]').click()
        return self.settled(PAGES[path])

    @property
    def menu(self) -> Locator:
        return self.page.get_by_role("navigation", name="Pages")

    def settled(self, heading: str | re.Pattern[str]) -> Visitor:
        self.main.locator("h3", has_text=heading).wait_for()
        self.page.locator(READY).wait_for()
        return self

    def filter(self, text: str) -> Locator:
        return self.page.locator(f"{SIDEBAR} [role=toolbar] button").filter(
            has_text=re.compile(rf"^{re.escape(text)}\b")
        )

    def test_row(self, visit: str) -> Locator:
        table = self.main.locator("table").filter(has_text="against before").first
        return table.locator("tr").filter(has=self.page.locator("td", has_text=visit)).first

    def drawn(self) -> Locator:
        chart = self.page.locator(f"{CHART} svg")
        chart.first.wait_for()
        return chart

    def errors(self) -> int:
        return self.page.locator(
            '[data-testid="stException"], [data-testid="stAlertContentError"]'
        ).count()


Open = Callable[..., Visitor]


@pytest.fixture
def visitor(browser: Browser, dashboard: Any) -> Iterator[Open]:
    opened: list[Visitor] = []

    def new(url: str | None = None, **options: Any) -> Visitor:
        opened.append(Visitor(browser, url or dashboard.url, **options))
        return opened[-1]

    yield new
    for one in opened:
        one.context.close()
        assert one.requests
        assert one.abroad == []
        assert one.faults == []


def wait_text(locator: Locator, words: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    expect(locator).to_contain_text(words, use_inner_text=True)


def wait_count(locator: Locator, count: int) -> None:
    from playwright.sync_api import expect

    expect(locator).to_have_count(count)


def test_a_deep_link_on_a_fresh_server_opens_its_page_inside_the_frame(
    serve: Any, visitor: Open
) -> None:
    with serve() as server:
        one = visitor(server.url)
        one.page.add_init_script(WATCH_FOR_A_PAGE_ALONE)
        one.open("trajectories")
        one.drawn()
        one.filter("breast").wait_for()
        assert one.menu.locator(":scope > a").count() == len(PAGES) - len(FOLDED)
        assert one.menu.locator("details a").count() == len(FOLDED)
        assert one.page.get_by_text("Page not found").count() == 0
        assert one.page.evaluate("Boolean(window.pageInFrame && !window.pageAlone)")
        one.page.goto("about:blank")


def test_every_page_of_the_menu_opens_without_an_error_and_says_that_it_is_synthetic(
    visitor: Open,
) -> None:
    one = visitor().open()
    for path in PAGES:
        one.turn_to(path)
        assert urlsplit(one.page.url).path == f"/{path}"
        wait_text(one.cohort_line, "SYNTHETIC")
        assert one.errors() == 0
        assert one.page.locator("h3").count() == 1


def test_a_link_of_the_menu_keeps_the_filter_and_leaves_the_view_behind(visitor: Open) -> None:
    one = visitor().open("trajectories?primary_tumour=breast&view=change")
    link = one.menu.get_by_role("link", name="Leakage")
    link.hover()
    assert urlsplit(str(link.evaluate("(a) => a.href"))).path == "/leakage"
    assert parse_qs(urlsplit(str(link.evaluate("(a) => a.href"))).query) == {
        "primary_tumour": ["breast"]
    }
    with one.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    wait_text(opened.value.locator(".st-key-cohort_line"), cohort_words("breast"))
    assert "/trajectories" in one.page.url


def test_the_menu_marks_the_open_page_also_after_going_back(visitor: Open) -> None:
    one = visitor().open()
    here = one.menu.locator('a[aria-current="page"]')
    wait_text(here, "Overview")
    one.turn_to("leakage")
    wait_text(here, "Leakage")
    one.page.go_back()
    one.settled(PAGES[""])
    wait_text(here, "Overview")
    wait_count(here, 1)


def test_a_page_opened_by_the_keyboard_leaves_the_focus_on_its_link(visitor: Open) -> None:
    one = visitor().open()
    one.menu.get_by_role("link", name="Leakage").focus()
    one.page.keyboard.press("Enter")
    one.settled(PAGES["leakage"])
    one.drawn()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    one.settled(PAGES["alignment"])


def test_the_folded_pages_open_and_close_by_the_keyboard(visitor: Open) -> None:
    one = visitor().open()
    fold, methods = one.menu.locator("summary"), one.menu.get_by_role("link", name="Methods")
    fold.focus()
    one.page.keyboard.press("Enter")
    methods.wait_for()
    one.page.keyboard.press("Escape")
    methods.wait_for(state="hidden")
    assert fold.evaluate("(it) => it.getRootNode().activeElement === it")
    one.page.keyboard.press("Enter")
    for _ in FOLDED:
        one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    one.settled(PAGES["methods"])
    methods.wait_for(state="hidden")


def test_the_menu_and_the_way_to_closed_filters_stay_clear_of_each_other(visitor: Open) -> None:
    one = visitor().open("leakage")
    header = one.page.locator('[data-testid="stSidebarHeader"]')
    header.hover()
    header.get_by_role("button", name="Collapse sidebar").click()
    way = one.page.get_by_test_id("stExpandSidebarButton")
    way.wait_for()
    first = one.menu.get_by_role("link", name="Overview")
    sides = [way.element_handle(), first.element_handle()]
    one.page.wait_for_function(CLEAR_OF, arg=sides)  # the filters slide out first
    assert one.page.get_by_test_id("stHeaderLogo").is_hidden()
    one.main.hover()
    one.page.mouse.wheel(0, 2000)
    way.click()
    one.filter("breast").wait_for()


def test_the_cohort_line_counts_everybody_at_first(visitor: Open) -> None:
    one = visitor().open()
    wait_text(one.cohort_line, cohort_words())


def test_a_tumour_filter_changes_counts_tests_and_p(visitor: Open) -> None:
    one = visitor().open("trajectories")
    _, levels = members("breast")
    everybody = one.test_row("12 months").inner_text()
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    row = one.test_row("12 months")
    wait_text(row, re.compile(rf"\t{pairs(levels, 'm12')}$"))
    wait_text(row, printed_p("m12", primary_tumour=("breast",)))
    assert row.inner_text() != everybody
    assert one.query == {"primary_tumour": ["breast"]}


def test_a_region_filter_changes_counts_tests_and_p(visitor: Open) -> None:
    one = visitor().open("trajectories?primary_tumour=breast")
    before = one.test_row("12 months").inner_text()
    one.filter("thoracolumbar").click()
    wait_text(one.cohort_line, cohort_words("breast", "thoracolumbar"))
    _, levels = members("breast", "thoracolumbar")
    p = printed_p("m12", primary_tumour=("breast",), region=("thoracolumbar",))
    row = one.test_row("12 months")
    wait_text(row, re.compile(rf"\t{pairs(levels, 'm12')}$"))
    wait_text(row, p)
    assert p not in before


def test_a_filter_changes_the_drawn_chart(visitor: Open) -> None:
    one = visitor().open("trajectories")
    labels = one.drawn().first.locator("text")
    for tumour in (None, "breast"):
        if tumour:
            one.filter(tumour).click()
        _, levels = members(tumour)
        wait_count(labels.filter(has_text=re.compile(rf"^{pairs(levels, 'post')}$")).first, 1)


def test_every_value_is_a_point_of_the_individuals_lines(visitor: Open) -> None:
    one = visitor(color_scheme="light").open("trajectories")
    one.drawn()
    for tumour in (None, "breast"):
        if tumour:
            one.filter(tumour).click()
        patients, _ = members(tumour)
        values = [
            row
            for row in rows("follow_ups")
            if row["patient_id"] in patients and row["visit"] in visits() and row["vas"]
        ]
        one.page.wait_for_function(POINTS_OF_LINES, arg=[LIGHT.individual, len(values)])


def test_a_pill_removes_its_filter_and_reset_removes_all(visitor: Open) -> None:
    one = visitor().open("?primary_tumour=breast&region=thoracolumbar&sex=F")
    one.cohort_line.get_by_role("button", name="thoracolumbar").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    assert one.query == {"primary_tumour": ["breast"], "sex": ["F"]}
    one.cohort_line.get_by_role("button", name="reset").click()
    wait_text(one.cohort_line, cohort_words())
    one.page.wait_for_url(lambda url: not urlsplit(url).query)
    wait_count(one.page.locator(f"{SIDEBAR} [role=toolbar] [aria-pressed=true]"), 0)
    one.filter("lung").click()
    wait_text(one.cohort_line, cohort_words("lung"))


def test_an_option_is_read_with_its_count_and_reached_by_the_keyboard(visitor: Open) -> None:
    one = visitor().open("leakage")
    one.drawn()
    n = len(members("breast")[0])
    one.page.get_by_role("button", name=re.compile(f"^breast {n} of {n}$")).focus()
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("Space")
    wait_text(one.cohort_line, cohort_words("lung"))
    women = {row["patient_id"] for row in rows("patients") if row["sex"] == "F"}
    counts = f"women {len(women & members('lung')[0])} of {len(women & members()[0])}"
    one.page.get_by_role("button", name=re.compile(f"^{counts}$")).wait_for()


def test_two_quick_clicks_both_count(visitor: Open) -> None:
    one = visitor().open("leakage")
    one.drawn()
    tumours = ("breast", "lung", "kidney")
    for tumour in tumours:
        one.filter(tumour).click()
    one.page.wait_for_url("**/*?primary_tumour=breast*lung*")
    wait_count(one.page.locator(f"{SIDEBAR} [role=toolbar] [aria-pressed=true]"), 3)
    patients = sum(len(members(tumour)[0]) for tumour in tumours)
    wait_text(one.cohort_line, re.compile(rf"\b{patients} patients\b"))


def test_a_reload_keeps_the_cohort(visitor: Open) -> None:
    one = visitor().open("leakage")
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    one.page.wait_for_url("**/leakage?primary_tumour=breast")
    one.page.reload()
    one.settled(PAGES["leakage"])
    wait_text(one.cohort_line, cohort_words("breast"))
    wait_count(one.filter("breast").and_(one.page.locator("[aria-pressed=true]")), 1)


@pytest.mark.parametrize("path", ["", "alignment"])
def test_a_link_with_codes_opens_the_same_cohort_for_another_person(
    visitor: Open, path: str
) -> None:
    one = visitor().open(f"{path}?primary_tumour=breast&region=thoracolumbar")
    wait_text(one.cohort_line, cohort_words("breast", "thoracolumbar"))
    assert one.query == {"primary_tumour": ["breast"], "region": ["thoracolumbar"]}


def test_a_link_with_an_unknown_code_says_so_and_applies_the_rest(visitor: Open) -> None:
    one = visitor().open("?primary_tumour=brest&region=thoracolumbar")
    wait_text(one.main, re.compile(r"not known here.*primary_tumour=brest"))
    wait_text(one.cohort_line, cohort_words(None, "thoracolumbar"))


def test_a_filter_that_matches_nobody_says_so_in_a_sentence_on_every_page(visitor: Open) -> None:
    one = visitor().open("?primary_tumour=melanoma&sex=F")
    for path in PAGES:
        one.turn_to(path)
        wait_text(one.cohort_line, re.compile(r"\b0 patients\W+0 levels"))
        assert one.errors() == 0
        if path in RESULTS:
            wait_text(one.main, re.compile(r"nobody[^.]* matches", re.IGNORECASE))


def test_a_page_change_keeps_the_filter_and_the_address(visitor: Open) -> None:
    one = visitor().open()
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    for path in ("trajectories", "alignment", "methods", ""):
        one.turn_to(path)
        one.page.wait_for_url(f"**/{path}?primary_tumour=breast")
        wait_text(one.cohort_line, cohort_words("breast"))
        wait_count(one.filter("breast").and_(one.page.locator("[aria-pressed=true]")), 1)


def test_the_start_page_answers_to_its_own_name(visitor: Open) -> None:
    one = visitor().open("overview?sex=F", heading=PAGES[""])
    assert urlsplit(one.page.url).path == "/"
    assert one.query == {"sex": ["F"]}


def test_the_browsers_back_button_goes_back_a_page_and_keeps_the_filter(visitor: Open) -> None:
    one = visitor().open()
    one.turn_to("trajectories")
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    one.turn_to("leakage")
    one.page.wait_for_url("**/leakage?primary_tumour=breast")
    one.page.go_back()
    # A busy browser notes the new page before its filter: that entry asks for a second press.
    one.page.wait_for_url("**/*?primary_tumour=breast")
    if "/leakage" in one.page.url:
        one.page.go_back()
    one.settled(PAGES["trajectories"])
    wait_text(one.cohort_line, cohort_words("breast"))


def click_a_patient(one: Visitor) -> str:
    """Click a patient's line on a chart over the visits and return whose it was."""
    lines = one.page.locator(f'{CHART} .mark-line path[opacity="0"]')
    assert lines.count() == 0
    one.page.locator(f"{CHART} svg").first.hover()
    lines.first.wait_for(state="attached")
    spots = lines.evaluate_all(ON_THE_LINE)
    assert spots, "no patient's line can be clicked"
    one.page.mouse.click(*spots[0])
    words = one.main.locator("p", has_text=re.compile(r"^Patient P\d\d:"))
    words.wait_for()
    return words.inner_text().split()[1].rstrip(":")


def test_a_step_of_a_curve_tells_its_numbers_while_the_pointer_is_on_it(visitor: Open) -> None:
    one = visitor().open("survival")
    one.drawn()
    steps = one.page.locator(f'{CHART} .mark-symbol path[opacity="0"]')
    wait_count(steps, 0)
    one.page.locator(f"{CHART} svg").first.hover()
    steps.first.hover()
    tooltip = one.page.locator("#vg-tooltip-element")
    for words in ("months", "0", "alive", "100.0%", "at risk", "31"):
        wait_text(tooltip, words)
    one.page.locator("h3").hover()
    wait_count(steps, 0)


def axis_labels(one: Visitor) -> list[str]:
    shown = one.page.locator(f"{CHART} .role-axis-label text").all_text_contents()
    return [label.replace("\u202f", " ") for label in shown]


def test_the_axes_of_curves_follow_the_cohort_in_the_same_chart(visitor: Open) -> None:
    one = visitor().open("events")
    one.drawn()
    assert axis_labels(one) == ["0", "3", "6", "9", "12", "0 %", "10 %", "20 %", "30 %"]
    chart = one.page.locator(f"{CHART} svg").first.element_handle()
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    one.settled(PAGES["events"])
    assert axis_labels(one)[5:] == ["0 %", "20 %", "40 %", "60 %"]
    assert chart is not None
    assert chart.evaluate("(it) => it.isConnected")


@pytest.mark.parametrize(
    "path",
    [
        *(path for path in RESULTS if path not in ("responders", "attrition")),
        "responders?by=primary_tumour",
        "attrition?by=primary_tumour",
        "events?view=kinds",
    ],
)
def test_a_chart_after_clicks_is_the_chart_of_a_fresh_visit(visitor: Open, path: str) -> None:
    # the names of the first patient's visits leave the chart of a later one another width
    names = LOOK if path == "patient" else (*LOOK, *PLACE)
    # nobody with a lung tumour had an event
    first, last = ("lung", "breast") if path.startswith("events") else ("breast", "lung")
    heading, joined = re.compile(r"\w"), "&" if "?" in path else "?"
    clicked = visitor().open(path, heading=heading)
    fresh = visitor().open(f"{path}{joined}primary_tumour={last}", heading=heading)
    for tumour in (first, last, first):
        clicked.filter(tumour).click()
        clicked.page.locator(READY).wait_for()
    wait_text(clicked.cohort_line, cohort_words(last))

    def marks(one: Visitor) -> Any:
        one.page.locator(READY).wait_for()
        return one.page.locator(CHART).evaluate_all(MARKS, names)

    for _ in range(20):
        if all(marks(fresh)) and marks(clicked) == marks(fresh):
            break
        fresh.page.wait_for_timeout(200)
    assert marks(fresh)
    assert marks(clicked) == marks(fresh)


def test_clicking_a_patients_point_prints_that_patients_values(visitor: Open) -> None:
    one = visitor().open("trajectories")
    one.drawn()
    patient = click_a_patient(one)
    words = one.main.locator("p", has_text=f"Patient {patient}")
    for row in rows("follow_ups"):
        if row["patient_id"] == patient and row["vas"]:
            wait_text(words, row["vas"])


def test_the_keys_walk_through_the_patients_and_no_address_names_them(visitor: Open) -> None:
    one = visitor().open("patient?primary_tumour=breast", heading="Patient P01")
    one.drawn()
    one.page.get_by_role("button", name="Next").hover()
    addresses = [one.page.url]
    for name in ("P03", "P05"):
        one.page.keyboard.press("n")
        one.settled(f"Patient {name}")
        addresses.append(one.page.url)
    one.page.keyboard.press("p")
    one.settled("Patient P03")
    wait_text(one.main, "2 of 13")
    one.page.reload()
    one.settled("Patient P01")  # a new session: the choice lies in no address
    assert not [url for url in (*addresses, *one.requests) if re.search(r"P\d\d", url)]


def test_a_clicked_patient_opens_on_the_page_of_patients(visitor: Open) -> None:
    one = visitor().open("trajectories?primary_tumour=breast")
    one.drawn()
    patient = click_a_patient(one)
    one.main.get_by_role("link", name="Open this patient").click()
    one.settled(f"Patient {patient}")
    one.page.wait_for_url("**/patient?primary_tumour=breast")
    wait_text(one.cohort_line, cohort_words("breast"))


def test_the_switch_takes_every_identifier_off_the_screen(visitor: Open) -> None:
    one = visitor().open("patient", heading="Patient P01")
    one.page.locator(f"{SIDEBAR} [data-testid='stCheckbox']", has_text="Hide identifiers").click()
    one.settled("Patient no. ")
    names = re.compile(r"\b(P|K0)\d\d\b")
    assert not names.search(one.page.content().split("<body")[1])
    one.turn_to("trajectories")
    one.drawn()
    assert not names.search(one.page.content().split("<body")[1])
    one.turn_to("patient").settled("Patient no. ")
    assert not names.search(one.page.content().split("<body")[1])


def vertebra(one: Visitor, level: str) -> Locator:
    """The row of a level on the spine, as the mouse meets it."""
    return one.page.locator(f'{CHART} path[aria-label^="{level}:"]')


def test_a_click_on_a_vertebra_filters_every_page_to_its_level(visitor: Open) -> None:
    one = visitor().open("leakage")
    one.drawn()
    treated = [row for row in rows("procedures") if row["level"] == "T10"]
    patients = {row["patient_id"] for row in treated}
    counted = re.compile(rf"\b{len(patients)} patients?\W+{len(treated)} levels?\b")
    vertebra(one, "T10").click()
    wait_text(one.cohort_line, counted)
    assert one.query == {"level": ["T10"]}
    listed = one.main.locator("table").filter(has_text="operated").first
    for patient in patients:
        wait_text(listed, patient)
    one.turn_to("trajectories")
    wait_text(one.cohort_line, counted)
    one.turn_to("leakage")
    one.drawn()
    vertebra(one, "T10").click()
    wait_text(one.cohort_line, cohort_words())
    assert one.query == {}


def test_a_click_on_another_vertebra_changes_the_level(visitor: Open) -> None:
    one = visitor().open("leakage")
    one.drawn()
    for level in ("T12", "L1"):
        vertebra(one, level).click()
        count = sum(row["level"] == level for row in rows("procedures"))
        wait_text(one.cohort_line, re.compile(rf"\b{count} levels?\b"))
        one.page.wait_for_url(f"**/leakage?level={level}")


def test_two_people_do_not_see_each_others_cohort(visitor: Open) -> None:
    one, other = visitor().open(), visitor().open()
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    other.filter("women").click()
    wait_text(other.page.locator(".st-key-cohort_line"), re.compile(r"\b18 patients"))
    wait_text(one.cohort_line, cohort_words("breast"))


def test_every_level_can_be_filtered_from_its_fold(visitor: Open) -> None:
    one = visitor().open()
    one.page.locator(SIDEBAR).get_by_text("More filters").click()
    treated = {row["level"] for row in rows("procedures")}
    level = next(level for level in LEVELS if level in treated)
    one.filter(level).click()
    count = sum(row["level"] == level for row in rows("procedures"))
    wait_text(one.cohort_line, re.compile(rf"\b{count} levels?\b"))


def _rgb(hexadecimal: str) -> str:
    values = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgb({', '.join(map(str, values))})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_draw_in_their_own_colours(visitor: Open, scheme: Any) -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    theme = settings["theme"][scheme]
    one = visitor(color_scheme=scheme).open("trajectories")
    chart = one.drawn().first
    background = one.page.get_by_test_id("stApp").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert background == _rgb(theme["backgroundColor"])
    label = chart.locator("text", has_text="before").first
    assert label.get_attribute("fill") == theme["textColor"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(visitor: Open, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one = visitor(color_scheme=scheme, reduced_motion="reduce").open("?primary_tumour=breast")
    found: dict[str, None] = {}
    for path in PAGES:
        one.turn_to(path)
        if path in RESULTS:
            one.drawn()
        one.page.wait_for_function(AT_REST)
        for violation in Axe().run(one.page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                for node in violation["nodes"]:
                    words = " ".join(node["failureSummary"].split())
                    found[f"{violation['id']}: {node['html'][:200]} {words[:200]}"] = None
    assert list(found) == []


@pytest.mark.parametrize("path", ["", "_stcore/health", "overview"])
def test_every_answer_carries_the_security_headers(dashboard: Any, path: str) -> None:
    with urllib.request.urlopen(f"{dashboard.url}/{path}") as answer:  # noqa: S310
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_a_whole_visit_speaks_to_its_own_server_only(visitor: Open) -> None:
    one = visitor().open()
    for path in PAGES:
        one.turn_to(path)
    one.filter("breast").click()
    wait_text(one.cohort_line, cohort_words("breast"))
    assert any(url.startswith("ws://") for url in one.requests)
    assert one.abroad == []
