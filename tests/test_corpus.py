"""Every source of the corpus gives its findings, and no others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from data.ingest import accept, check, propose, read_raw, review
from data.mapping.edit import answer
from data.mapping.file import dump_mapping, load_mapping
from data.rules import RULES
from data.warehouse import open_registry
from tests.corpus import corpus

if TYPE_CHECKING:
    from pathlib import Path

    from data.ingest import Checked
    from tests.corpus import Case

CASES = corpus()
DAY = date(2026, 11, 22)


def checked(case: Case, folder: Path) -> Checked:
    path = case.build(folder)
    if case.answers is None:
        return check(path)
    raw = read_raw(path, DAY)
    proposal = propose(raw, DAY)
    mapping = proposal.mapping
    for question in proposal.questions:
        key = case.answers.get(question.code, question.proposed)
        assert key is not None, f"{case.name} asks: {question.text}"
        mapping = answer(mapping, question, key)
    assert review(raw, mapping, DAY).questions == ()
    return check(path, load_mapping(dump_mapping(mapping).encode()))


def test_the_corpus_has_every_case_once() -> None:
    assert len(CASES) > 100
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_source_gives_its_findings_and_no_others(case: Case, tmp_path: Path) -> None:
    found = checked(case, tmp_path)
    assert found.accepted is case.accepted, found.findings
    assert sorted(
        ((one.table, one.row, one.column, one.rule, one.value) for one in found.findings), key=repr
    ) == sorted(case.found, key=repr)
    for one in found.findings:
        assert one.severity == RULES[one.rule].severity
        assert one.advice.endswith(".")
    assert {table: found.rows[table].kept for table in case.kept} == dict(case.kept)
    if case.accepted:
        scores = found.tables["follow_ups"].select("patient_id", "visit", "measure", "value")
        assert set(case.values) <= set(scores.rows())
        accept(found, tmp_path / "registry.duckdb")
        open_registry(tmp_path / "registry.duckdb").close()
