"""The house and its rules: what stands where, who imports what, which words lie where."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from data.codebook import measures, thresholds, tumours, visits
from data.example import example_registry
from data.warehouse import Reader, open_registry
from pages.shared.security import HEADERS
from queries.cohort import Cohort
from queries.questions import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("data", "pages", "queries")
CODE = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
EVERY_CODE = [ROOT / "dashboard.py", *CODE]
STATEMENTS = sorted((ROOT / "queries/sql").glob("*.sql"))
NOT_SECTIONS = {"charts", "shared", "views"}
SESSION_KEY = re.compile(r"cohort$|(cohort|view|fold|pill)\.|registry\.signature$|[a-z]+\.[a-z_]+$")
SQL = re.compile(
    r"^\s*(select\b.+\bfrom\b|with\s+\w+\s+as\s*\(|insert\s+into\b|create\s+(or|temp|table|view)\b"
    r"|update\s+\w+\s+set\b|delete\s+from\b|attach\s|copy\s.+\bto\b|pragma\s|from\s+\w+\.\w+)",
    re.IGNORECASE | re.DOTALL,
)
HOME = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt|opt)/\w")
FILE_HABIT, FILE_LIMIT = 300, 400
FUNCTION_HABIT, FUNCTION_LIMIT = 40, 60


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the dotted name that it is written with."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def docstrings(module: ast.Module) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def declared(text: str) -> set[str]:
    code = "\n".join(line.split("--")[0] for line in text.splitlines())
    return set(re.findall(r"\$(\w+)", code))


def menu() -> dict[str, str]:
    """Read the menu without running the frame."""
    for node in tree(ROOT / "pages/frame.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MENU":
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    pytest.fail("pages/frame.py has no MENU")


def section_pages() -> list[Path]:
    return [
        path
        for path in (ROOT / "pages").glob("*/*.py")
        if path.name != "__init__.py" and path.parent.name not in NOT_SECTIONS
    ]


# What stands where


@pytest.mark.parametrize("floor", FLOORS)
def test_every_code_folder_is_a_package(floor: str) -> None:
    bare = {name(path.parent) for path in CODE if path.is_relative_to(ROOT / floor)} - {
        name(path.parent) for path in CODE if path.name == "__init__.py"
    }
    assert bare == set(), "import-linter does not see a folder without __init__.py"


def test_only_the_frame_stands_directly_in_pages() -> None:
    assert {path.name for path in (ROOT / "pages").glob("*.py")} == {"__init__.py", "frame.py"}


def test_every_page_is_in_the_menu_and_every_entry_is_a_page() -> None:
    assert set(menu()) == {path.relative_to(ROOT / "pages").as_posix() for path in section_pages()}


def test_pages_have_addresses_of_their_own() -> None:
    stems = [Path(path).stem for path in menu()]
    assert len(set(stems)) == len(stems)


def test_no_page_is_longer_than_a_page() -> None:
    long = [name(path) for path in section_pages() if len(path.read_text().splitlines()) > 100]
    assert long == []


@pytest.mark.parametrize("path", section_pages(), ids=name)
def test_every_page_asks_for_the_cohort_that_the_frame_set(path: Path) -> None:
    assert "current_cohort" in {called for called, _ in calls(path)}


# SQL


def test_every_statement_is_used_and_every_used_statement_exists() -> None:
    used = {
        call.args[0].value
        for path in CODE
        for called, call in calls(path)
        if called == "statement" and isinstance(call.args[0], ast.Constant)
    }
    assert used == {path.stem for path in STATEMENTS}


def test_statements_are_named_where_they_are_asked() -> None:
    for path in CODE:
        for called, call in calls(path):
            if called == "statement":
                assert isinstance(call.args[0], ast.Constant), f"{name(path)}:{call.lineno}"


@pytest.fixture(scope="module")
def shell() -> Iterator[duckdb.DuckDBPyConnection]:
    """Prepare a DuckDB shell by the README's preface."""
    connection = duckdb.connect()
    connection.execute("attach ? as registry (read_only)", [str(example_registry())])
    connection.execute(
        "create table cohort as select patient_id, procedure_id from registry.procedures"
    )
    yield connection
    connection.close()


def sample(parameter: str) -> Any:
    values = {
        "measure": "vas",
        "reference": "height_anterior_reference",
        "rule": None,
        "most": 10,
        "region_rule": "level",
        "patient_id": "P01",
        "film": "kyphosis_angle",
        "posture": None,
        "data_date": date(2026, 1, 31),
    }
    known = {field.name for field in fields(Cohort)} | set(values)
    assert parameter in known, f"give a value to ${parameter} in tests/test_architecture.py"
    return values.get(parameter)


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem)
def test_every_statement_runs_alone_after_the_preface(
    path: Path, shell: duckdb.DuckDBPyConnection
) -> None:
    text = path.read_text(encoding="utf-8")
    assert shell.sql(text, params={p: sample(p) for p in declared(text)}).pl().height > 0


def test_the_questions_pass_exactly_the_parameters_that_the_statements_declare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, list[set[str]]] = {}
    fetch = Reader.fetch

    def recorded(self: Reader, statement: str, **parameters: Any) -> pl.DataFrame:
        asked.setdefault(statement, []).append(set(parameters))
        return fetch(self, statement, **parameters)

    monkeypatch.setattr(Reader, "fetch", recorded)
    warehouse = open_registry(example_registry())
    everybody, anywhere = Cohort(), Cohort(region=("thoracic",), region_rule="any")
    for question in QUESTIONS.values():
        options = {option: codes for option, codes in question.choices.items() if option != "by"}
        for place, cohort in ((0, everybody), (0, anywhere), (-1, everybody)):
            chosen = {option: codes[place] for option, codes in options.items()}
            question.ask(warehouse.reader(), cohort, **chosen)
    warehouse.close()
    for path in STATEMENTS:
        text = path.read_text(encoding="utf-8")
        assert text in asked, f"no question asks {path.name}"
        assert all(given == declared(text) for given in asked[text]), path.name


def test_statements_declare_their_unit_of_analysis() -> None:
    for path in STATEMENTS:
        head = path.read_text(encoding="utf-8").split("\nwith ")[0].split("\nselect")[0]
        assert head.startswith("-- "), path.name
        assert "Unit of analysis:" in head, path.name


def test_sql_stands_in_sql_files_and_in_the_warehouse_alone() -> None:
    found = []
    for path in EVERY_CODE:
        if name(path) == "data/warehouse.py":
            continue
        module = tree(path)
        words = docstrings(module)
        found += [
            f"{name(path)}:{node.lineno}"
            for node in ast.walk(module)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in words
            and SQL.search(node.value)
        ]
        found += [
            f"{name(path)}:{call.lineno} {called}"
            for called, call in calls(path)
            if called.rsplit(".", 1)[-1] in ("execute", "executemany", "sql") and "." in called
        ]
    assert found == []


def test_only_the_warehouse_imports_duckdb() -> None:
    assert [name(path) for path in EVERY_CODE if "duckdb" in imports(path)] == ["data/warehouse.py"]


# Pages


def test_charts_know_no_streamlit() -> None:
    charts = [path for path in CODE if path.parent.name == "charts"]
    assert charts
    assert [name(path) for path in charts if "streamlit" in imports(path)] == []


def test_questions_and_data_know_no_streamlit_and_no_altair() -> None:
    below = [path for path in CODE if not path.is_relative_to(ROOT / "pages")]
    assert [name(path) for path in below if imports(path) & {"streamlit", "altair"}] == []


def test_answers_are_cached_in_one_place_and_every_cache_is_bounded() -> None:
    caches = [
        (name(path), decorator)
        for path in EVERY_CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if "st.cache" in ast.unparse(decorator)
    ]
    assert {place for place, _ in caches} == {"pages/shared/ask.py"}
    for _, decorator in caches:
        assert isinstance(decorator, ast.Call)
        assert "max_entries" in {keyword.arg for keyword in decorator.keywords}


def test_no_frame_is_a_cache_key() -> None:
    for node in ast.walk(tree(ROOT / "pages/shared/ask.py")):
        if isinstance(node, ast.FunctionDef) and "st.cache" in "".join(
            map(ast.unparse, node.decorator_list)
        ):
            assert "DataFrame" not in ast.unparse(node.args)


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.List | ast.Tuple):
        return [text for part in node.elts for text in _texts(part)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_chart_channels_are_objects_not_shorthand() -> None:
    shorthand = [
        f"{name(path)}:{call.lineno}"
        for path in CODE
        if path.is_relative_to(ROOT / "pages/charts")
        for called, call in calls(path)
        if called.endswith(".encode")
        for value in [*(k.value for k in call.keywords), *call.args]
        if _texts(value)
    ]
    assert shorthand == [], "shorthand strings cost milliseconds each; write alt.X(...)"


def _constants(module: ast.Module) -> dict[str, str]:
    return {
        ast.unparse(node.targets[0]): node.value.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _key_text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """Return the beginning of a key, as far as it can be read from the source."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr):
        text = ""
        for part in node.values:
            value = part.value if isinstance(part, ast.FormattedValue) else part
            known = _key_text(value, constants) if isinstance(value, ast.expr) else None
            if known is None:
                return f"{text}x" if "." in text else None
            text += known
        return text
    return None


def test_session_keys_are_named_by_the_rule() -> None:
    bad = []
    for path in [*(p for p in CODE if p.is_relative_to(ROOT / "pages")), ROOT / "dashboard.py"]:
        module = tree(path)
        constants = _constants(module)
        for node in ast.walk(module):
            keys: list[ast.expr] = []
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "st.session_state":
                keys = [node.slice]
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called.startswith("st.session_state."):
                    keys = list(node.args[:1])
                elif called.startswith("st.") and called != "st.container":
                    keys = [k.value for k in node.keywords if k.arg == "key"]
            for key in keys:
                text = _key_text(key, constants)
                if text is not None and not SESSION_KEY.match(text):
                    bad.append(f"{name(path)}:{node.lineno} {text}")
    assert bad == []


# Safety


def test_nothing_reaches_for_the_network_or_unpickles() -> None:
    banned = {"pickle", "shelve", "marshal", "requests", "urllib", "http", "socket", "httpx"}
    found = {name(path): imports(path) & banned for path in EVERY_CODE}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_security_headers_allow_the_own_server_only() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert re.search(r"https?:|\*", policy) is None


def test_the_settings_keep_telemetry_off_and_tracebacks_hidden() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["enableCORS"] is True


def _own_files() -> Iterator[Path]:
    skipped = {"__pycache__", "node_modules"}
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = [p for p in parts if p.startswith(".") and p not in (".ci", ".streamlit")]
        if path.is_file() and not hidden and not skipped & set(parts):
            yield path


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    endings = {".py", ".sql", ".toml", ".md", ".txt", ".csv", ".sh", ".yml", ".html", ".css", ""}
    found = [
        f"{name(path)}:{place}"
        for path in _own_files()
        if path.suffix in endings
        for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if HOME.search(line)
    ]
    assert found == []


def test_no_real_registry_lies_in_the_repository() -> None:
    kept = {"example.duckdb"}
    assert {p.name for p in _own_files() if p.suffix == ".duckdb"} <= kept


# Tables of settings


def test_requirements_are_bounded_and_tools_are_pinned() -> None:
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z-]+(\[[a-z,]+\])?>=[\d.]+,<[\d.]+", line), line
    for line in (ROOT / "tests/requirements.txt").read_text(encoding="utf-8").splitlines():
        assert line == "-r ../requirements.txt" or re.fullmatch(r"[\w-]+==[\d.]+", line), line


def test_the_codebook_parses_and_its_rows_agree_with_each_other() -> None:
    book = measures()
    for code, measure in book.items():
        assert measure.code == code
        assert measure.minimum < measure.maximum
        assert measure.unit_of_analysis in ("patient", "level")
        assert measure.better in ("lower", "higher", "neither")
        assert not measure.reference_measure or measure.reference_measure in book
        assert all(threshold.measure == code for threshold in thresholds(code))
    assert visits()
    assert tumours()


# Length


def _lengths(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield (
                f"{name(path)}:{node.lineno} {node.name}",
                ((node.end_lineno or 0) - first[0].lineno + 1),
            )


def test_files_and_functions_stay_short(listed: list[str]) -> None:
    files = [(name(p), len(p.read_text(encoding="utf-8").splitlines())) for p in EVERY_CODE]
    functions = [found for path in EVERY_CODE for found in _lengths(path)]
    listed += [f"{place}: {lines} lines" for place, lines in files if lines > FILE_HABIT]
    listed += [f"{place}: {lines} lines" for place, lines in functions if lines > FUNCTION_HABIT]
    assert [place for place, lines in files if lines > FILE_LIMIT] == []
    assert [place for place, lines in functions if lines > FUNCTION_LIMIT] == []
