"""What tests share: the server as the README starts it, the browser, the demand for both."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
REGISTRY_VARIABLE = "KYPHO_REGISTRY"
CHROMIUM_VARIABLE = "KYPHO_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
START_SECONDS = 40
LISTED = pytest.StashKey[list[str]]()
BROWSER_PASSED = pytest.StashKey[list[str]]()


class NoChromiumError(RuntimeError):
    """No Chromium was found; the message says what to do."""


def find_chromium() -> str:
    """Return the browser: the one that the environment names, or the system's."""
    named = os.environ.get(CHROMIUM_VARIABLE, "").strip()
    if named:
        if not os.access(named, os.X_OK):
            raise NoChromiumError(f"{CHROMIUM_VARIABLE} names {named}, which cannot be run.")
        return named
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    raise NoChromiumError(
        "No Chromium was found, so the dashboard was not opened in a browser. Install it "
        f"(`apt-get install chromium`) or name it in {CHROMIUM_VARIABLE}."
    )


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    seconds: float


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


@contextlib.contextmanager
def served(
    script: str = "dashboard.py", variables: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a script as the README does, without a registry named, and end it by its own pid."""
    environment = {k: v for k, v in os.environ.items() if k != REGISTRY_VARIABLE}
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.headless", "true"]
    started = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while not _answers(f"{url}/_stcore/health"):
                if process.poll() is not None or time.monotonic() - started > START_SECONDS:
                    log.seek(0)
                    said = log.read().decode(errors="replace")
                    raise RuntimeError(f"`streamlit run {script}` did not start:\n{said}")
                time.sleep(0.05)
            yield Server(url, started)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(autouse=True)
def _no_registry_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REGISTRY_VARIABLE, raising=False)


@pytest.fixture
def serve() -> Any:
    return served


@pytest.fixture(scope="session")
def dashboard() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    try:
        path = find_chromium()
    except NoChromiumError as missing:
        pytest.fail(str(missing), pytrace=False)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def listed(record_property: Callable[[str, object], None]) -> Iterator[list[str]]:
    """Collect lines that the summary prints without failing."""
    lines: list[str] = []
    yield lines
    record_property("listed", lines)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--demand-browser",
        action="store_true",
        help="fail unless tests in the browser ran and none of them was skipped",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LISTED] = []
    config.stash[BROWSER_PASSED] = []
    config.pluginmanager.register(_BrowserTests(config), "browser-tests")


class _BrowserTests:
    """Count the browser tests that passed or were skipped."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.skipped: list[str] = []

    @property
    def missing(self) -> str | None:
        if not self.config.getoption("--demand-browser"):
            return None
        if self.skipped:
            return f"Browser tests were skipped: {', '.join(self.skipped)}."
        if not self.config.stash[BROWSER_PASSED]:
            return "No browser test ran and passed: the dashboard was not opened in a browser."
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            for lines in (value for name, value in report.user_properties if name == "listed"):
                self.config.stash[LISTED] += lines
        if "browser" not in report.keywords:
            return
        if report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call" and report.passed:
            self.config.stash[BROWSER_PASSED].append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.missing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if lines := self.config.stash[LISTED]:
            terminalreporter.section("longer than the habit")
            terminalreporter.write_line("\n".join(lines))
        if self.missing:
            terminalreporter.section("browser")
            terminalreporter.write_line(self.missing, red=True)
