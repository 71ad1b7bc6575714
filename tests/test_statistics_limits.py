from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from queries import statistics
from queries.statistics import limits


def test_every_limit_stands_on_the_list_with_its_reason() -> None:
    constants = {
        name: value
        for name, value in vars(limits).items()
        if name.isupper() and isinstance(value, int | float)
    }
    assert {limit.name: limit.value for limit in limits.LIMITS} == constants
    assert all(limit.meaning.endswith(".") for limit in limits.LIMITS)


@pytest.mark.parametrize("module", [m.name for m in pkgutil.iter_modules(statistics.__path__)])
def test_examples_in_the_docstrings_are_true(module: str) -> None:
    tried = doctest.testmod(importlib.import_module(f"queries.statistics.{module}"))
    assert tried.failed == 0
