"""Every answer as a command: ``python -m queries QUESTION``."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from data.example import example_registry
from data.warehouse import RegistryError, named_registry, open_registry
from queries.cohort import Cohort, CohortError, selection
from queries.questions import QUESTIONS, Answer, choices, descriptive_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.warehouse import Warehouse


class UsageError(Exception):
    """The command was called wrongly; the message says how."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m queries",
        description="Answer one question about a cohort of the registry.",
    )
    parser.add_argument("question", metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--registry", type=Path, help="registry file; the example where none")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE[,VALUE]",
        help="a filter of the cohort; `unrecorded` means blank",
    )
    for option in _every_option():
        takers = [name for name, q in QUESTIONS.items() if option in q.options]
        parser.add_argument(f"--{option}", help=f"for {', '.join(takers)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _every_option() -> list[str]:
    return sorted({option for question in QUESTIONS.values() for option in question.options})


def _cohort(where: Sequence[str]) -> Cohort:
    codes: dict[str, list[str]] = {}
    for clause in where:
        field, equals, values = clause.partition("=")
        if not equals or not values:
            raise UsageError(f"`--where {clause}` is not of the form FIELD=VALUE[,VALUE].")
        codes.setdefault(field.strip(), []).extend(v.strip() for v in values.split(","))
    return Cohort.from_codes(codes)


def _options(question: str, given: argparse.Namespace) -> dict[str, str]:
    if question not in QUESTIONS:
        raise UsageError(f"Unknown question `{question}`. Known are: {', '.join(QUESTIONS)}.")
    options: dict[str, str] = {}
    for option in _every_option():
        value = getattr(given, option)
        if value is None:
            continue
        if option in QUESTIONS[question].free:
            options[option] = value
            continue
        known = choices(question, option, given.scale, given.threshold)
        if not known:
            raise UsageError(f"`{question}` takes no option --{option}.")
        if value not in known:
            what = f"{option} `{value}` for {question}{_narrowed(option, given)}"
            raise UsageError(f"Unknown {what}. Known are: {', '.join(known)}.")
        options[option] = value
    return options


def _narrowed(option: str, given: argparse.Namespace) -> str:
    if option != "measure":
        return ""
    if given.threshold:
        return f" with the threshold `{given.threshold}`"
    return f" in {given.scale}" if given.scale else ""


def _answers(
    warehouse: Warehouse, question: str, cohort: Cohort, options: dict[str, str]
) -> list[Answer]:
    asked = QUESTIONS[question]
    measures: tuple[str, ...] = ()
    if "measure" not in options:
        measures = choices(question, "measure", options.get("scale"), options.get("threshold"))
    if not measures:
        return [asked.ask(warehouse.reader(), cohort, **options)]
    return [
        asked.ask(warehouse.reader(), cohort, **options, measure=measure) for measure in measures
    ]


def _report(
    warehouse: Warehouse, question: str, cohort: Cohort, options: dict[str, str]
) -> dict[str, Any]:
    answers = _answers(warehouse, question, cohort, options)
    chosen = selection(warehouse.reader(), cohort)
    registry = warehouse.registry
    return {
        "question": question,
        "registry": {"version": registry.version, "synthetic": registry.synthetic},
        "cohort": {
            "sentence": chosen.sentence,
            "n_patients": chosen.n_patients,
            "n_levels": chosen.n_levels,
        },
        "options": options,
        "rows": [row for answer in answers for row in descriptive_rows(answer)],
        "comparisons": [asdict(test) for answer in answers for test in answer.comparisons],
    }


def _without_nan(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value


def _print_plain(report: dict[str, Any]) -> None:
    print(report["cohort"]["sentence"])
    for title in ("rows", "comparisons"):
        rows = report[title]
        if not rows:
            continue
        print(f"\n{title}")
        for row in rows:
            print(f"  {_in_words(row)}")


def _in_words(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        shown = {key: item for key, item in value.items() if item not in (None, [], ())}
        return ", ".join(f"{key}: {_in_words(item)}" for key, item in shown.items())
    if isinstance(value, list | tuple):
        return "; ".join(
            f"({_in_words(item)})" if isinstance(item, dict) else str(item) for item in value
        )
    return str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one question and print it.

    Returns
    -------
    int
        0 when it answered, 1 when the registry cannot be read, 2 on wrong usage.
    """
    try:
        given = _parser().parse_args(arguments)
        options = _options(given.question, given)
        cohort = _cohort(given.where)
    except (UsageError, CohortError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        path = given.registry or named_registry() or example_registry()
        warehouse = open_registry(path)
        report = _without_nan(_report(warehouse, given.question, cohort, options))
    except RegistryError as error:
        print(error, file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print_plain(report)
    return 0


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
