"""Time filter changes in a real browser, each page beside a bare page of as many charts.

``python tests/benchmark_pages.py [--clicks 24] [--look 0]``: from the click on a filter to the
last change of the last chart (of the text, where a page has no chart). Cold: a cohort nobody has
asked for, after so many seconds of looking at the last one; warm: its answers are cached. The
floor is a Streamlit page with one checkbox and trivial charts under the same settings, clicked in
turn with the page.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).resolve().parent)]
from conftest import CHROMIUM_ARGUMENTS, Server, find_chromium, served  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = {
    "overview": "",
    "trajectories": "trajectories",
    "responders": "responders",
    "leakage": "leakage",
    "alignment": "alignment",
    "survival": "survival",
    "attrition": "attrition",
    "events": "events",
    "subgroups": "subgroups",
    "patient": "patient",
    "quality": "quality",
    "methods": "methods",
}
TUMOURS = ("breast", "lung", "kidney", "prostate", "colorectal")
WALK = (*TUMOURS, "thoracic", "thoracolumbar", "lumbar", "women")
QUIET_MS, LIMIT_MS, STARTS = 250, 6000, 3
OPTION = (
    '[data-testid="stSidebar"] :is([role="toolbar"] button, [data-testid="stCheckbox"])'
    ':has-text("{}")'
)
CHART = '[data-testid="stVegaLiteChart"]'
WATCH = """
window.watch = {clicked: 0, chart: 0, text: 0};
addEventListener('click', (event) => {
  window.watch = {clicked: event.timeStamp, chart: 0, text: 0};
}, true);
new MutationObserver((changes) => {
  const now = performance.now();
  for (const change of changes) {
    const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    if (!at) continue;
    if (at.closest('[data-testid="stVegaLiteChart"]')) window.watch.chart = now;
    else if (change.type !== 'attributes' && at.closest('[data-testid="stMain"]'))
      window.watch.text = now;
  }
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""
SETTLED = """async ({what, quiet, limit}) => {
  const started = performance.now();
  for (;;) {
    await new Promise((done) => setTimeout(done, 20));
    const now = performance.now(), seen = window.watch[what];
    const running = document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
    if (running === 'notRunning' && seen && now - Math.max(seen, window.watch.text) > quiet)
      return seen - window.watch.clicked;
    if (now - started > limit) return null;
  }
}"""


class Tab:
    """One page in a browser of its own, with what a click on a filter took."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page: Page = browser.new_context(
            viewport={"width": 1400, "height": 1000}, reduced_motion="reduce"
        ).new_page()
        self.page.add_init_script(WATCH)
        self.page.goto(url)
        self.page.locator('[data-testid="stMain"] h3').first.wait_for()
        self.settle()
        self.page.wait_for_timeout(2000)
        self.charts = self.page.locator(f"{CHART} svg").count()

    def settle(self) -> None:
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        self.page.wait_for_timeout(600)

    def click(self, name: str) -> float | None:
        """Click a filter and return the milliseconds to the last change, None where none came."""
        self.page.locator(OPTION.format(name)).first.click()
        what = "chart" if self.charts else "text"
        taken: float | None = self.page.evaluate(
            SETTLED, {"what": what, "quiet": QUIET_MS, "limit": LIMIT_MS}
        )
        return taken

    def close(self) -> None:
        self.page.context.close()


def walk(clicks: int, asked: set[frozenset[str]], seed: str) -> list[tuple[str, bool]]:
    """Return clicks, each with whether it leads to a cohort that nobody has asked for."""
    chance, now = random.Random(seed), frozenset[str]()  # noqa: S311
    path: list[tuple[str, bool]] = []
    while sum(new for _, new in path) < clicks and len(path) < 3 * clicks:
        steps = [(name, now ^ {name}) for name in WALK if (now ^ {name}) & set(TUMOURS)]
        fresh = [step for step in steps if step[1] not in asked]
        name, now = chance.choice(fresh or steps)
        path.append((name, bool(fresh)))
        asked.add(now)
    return path


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def words(values: list[float]) -> str:
    if not values:
        return f"{'–':>7} {'–':>7}"
    return f"{statistics.median(values):7.0f} {quantile(values, 0.95):7.0f}"


def measure(
    browser: Browser,
    server: Server,
    path: str,
    clicks: int,
    asked: set[frozenset[str]],
    look: float,
) -> tuple[int, list[float], list[float], list[float]]:
    """Return the number of charts and the times: cold, warm, floor, clicked in turn."""
    cold: list[float] = []
    warm: list[float] = []
    floor: list[float] = []
    tab = Tab(browser, f"{server.url}/{path}")
    with served("tests/floor/app.py", {"FLOOR_CHARTS": str(tab.charts)}) as bare:
        trivial = Tab(browser, bare.url)
        for _ in range(2):
            trivial.click("breast")
            tab.click("breast")
        for name, new in walk(clicks, asked, path):
            tab.page.wait_for_timeout(1000 * look)
            cold += [taken] if (taken := tab.click(name)) is not None and new else []
            floor += [taken] if (taken := trivial.click("breast")) is not None else []
        tab.close()
        tab = Tab(browser, f"{server.url}/{path}")
        for _ in range(2):
            tab.click("breast")
        for _ in range(clicks):
            warm += [taken] if (taken := tab.click("breast")) is not None else []
            floor += [taken] if (taken := trivial.click("breast")) is not None else []
        trivial.close()
    charts = tab.charts
    tab.close()
    return charts, cold, warm, floor


def first_chart() -> float:
    """Return the seconds from the start command to the first chart in a fresh browser."""
    with sync_playwright() as driver, served() as server:
        browser = driver.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_ARGUMENTS)
        )
        page = browser.new_page()
        page.goto(server.url)
        page.locator(f"{CHART} svg").first.wait_for()
        taken = time.monotonic() - server.seconds
        browser.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=24)
    parser.add_argument("--look", type=float, default=0.0, help="seconds before a cold click")
    parser.add_argument("--pages", default=",".join(PAGES))
    options = parser.parse_args()
    starts = [first_chart() for _ in range(STARTS)]
    print(f"start command to first chart: {', '.join(f'{s:.1f}' for s in starts)} s")
    print(f"filter click to last change, ms, {options.clicks} clicks each")
    print(f"{'page':<14}charts |    cold     p95 |    warm     p95 |   floor     p95 | cold× warm×")
    asked = {frozenset[str](), frozenset({"breast"})}
    with contextlib.ExitStack() as stack:
        driver = stack.enter_context(sync_playwright())
        server = stack.enter_context(served())
        browser = driver.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_ARGUMENTS)
        )
        for name in options.pages.split(","):
            charts, cold, warm, floor = measure(
                browser, server, PAGES[name], options.clicks, asked, options.look
            )
            base = statistics.median(floor or [1])
            ratios = [
                f"{statistics.median(times) / base:5.2f}" if times else f"{'–':>5}"
                for times in (cold, warm)
            ]
            print(
                f"{name:<14}{charts:>6} | {words(cold)} | {words(warm)} | {words(floor)} | "
                f"{ratios[0]} {ratios[1]}",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main()
