"""The only cache: questions are asked here, once for each cohort and registry."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from data.example import example_registry
from data.ingest import preview
from data.warehouse import named_registry, open_registry, signature
from pages.shared.ahead import note
from pages.shared.identifiers import PATIENT, Codes, coded, codes_of, hidden
from queries.cohort import Cohort, adopt, selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from data.ingest import Checked
    from data.warehouse import Reader, Registry, Signature, Warehouse

Answer = TypeVar("Answer")
_looked: ContextVar[list[tuple[str, Signature]] | None] = ContextVar("looked", default=None)


def registry_path() -> Path:
    """Return the registry that the environment names, or the example."""
    return named_registry() or _example()


@st.cache_resource(max_entries=1, show_spinner=False)
def _example() -> Path:
    return example_registry()


@st.cache_resource(max_entries=2, show_spinner=False, on_release=lambda opened: opened.close())
def _warehouse(path: str, signature: Signature) -> Warehouse:
    from pathlib import Path

    return open_registry(Path(path))


@contextlib.contextmanager
def one_registry() -> Iterator[None]:
    """Answer everything inside from the registry as it is first found: a page mixes no two."""
    token = _looked.set([])
    try:
        yield
    finally:
        _looked.reset(token)


def _current() -> tuple[str, Signature]:
    looked = _looked.get()
    if looked:
        return looked[0]
    path = registry_path()
    found = str(path), signature(path)
    if looked is not None:
        looked.append(found)
    return found


def current_signature() -> Signature:
    """Return the signature of the registry in use; it changes when the file is replaced."""
    return _current()[1]


def current_registry() -> Registry:
    """Return what the registry in use says of itself."""
    return _warehouse(*_current()).registry


@st.cache_resource(max_entries=512, show_spinner=False, hash_funcs={Cohort: repr})
def _answer(
    _question: Callable[..., Answer],
    name: str,
    cohort: Cohort,
    path: str,
    signature: Signature,
    options: tuple[tuple[str, Any], ...],
) -> Answer:
    reader: Reader = _warehouse(path, signature).reader()
    if name != selection.__name__:
        adopt(reader, _answer(selection, selection.__name__, cohort, path, signature, ()))
    return _question(reader, cohort, **dict(options))


def _once(
    reader: Reader, question: Callable[..., Answer], cohort: Cohort, **options: Any
) -> Answer:
    adopt(reader, selection(reader, cohort))
    return question(reader, cohort, **options)


def ask_once(question: Callable[..., Answer], cohort: Cohort, **options: Any) -> Answer:
    """Answer a question without keeping the answer, for what is large and rarely asked.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    return _once(_warehouse(*_current()).reader(), question, cohort, **options)


def answered_in(checked: Checked, question: Callable[..., Answer]) -> Answer:
    """Answer a question from a checked source that nobody has accepted yet.

    Raises
    ------
    data.warehouse.RegistryError
        If it cannot be read.
    """
    with preview(checked) as path:
        opened = open_registry(path)
        found = _once(opened.reader(), question, Cohort())
        opened.close()
    return found


@st.cache_resource(max_entries=2, show_spinner=False)
def _codes(path: str, signature: Signature) -> Codes:
    everybody = _answer(selection, selection.__name__, Cohort(), path, signature, ())
    return codes_of(everybody.members, _warehouse(path, signature).registry.version)


def current_codes() -> Codes:
    """Return what stands for the identifiers of the registry in use while they are hidden."""
    return _codes(*_current())


def ask(question: Callable[..., Answer], cohort: Cohort, **options: str | None) -> Answer:
    """Answer a question from the registry in use, or from the cache.

    While identifiers are hidden, numbers stand in their place: in the whole answer, and in the
    option that names a patient.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read; the frame says it.
    """
    if hidden() and options.get(PATIENT):
        options[PATIENT] = current_codes().real.get(str(options[PATIENT]), "")
    given = tuple(sorted(options.items()))
    answer = _asked(question, cohort, given)
    if question is not selection:
        note(question, given, answer)
    return answer


def ask_ahead(
    question: Callable[..., Any],
    cohort: Cohort,
    given: tuple[tuple[str, Any], ...],
    *,
    codes: bool,
) -> Any:
    """Answer a question before a viewer asks it, with numbers for identifiers if he hides them.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    return _found(question, cohort, *_current(), given, codes=codes)


def ask_of_all(question: Callable[..., Answer], **options: str | None) -> Answer:
    """Answer a question about the whole registry, which no filter changes.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read; the frame says it.
    """
    return _asked(question, Cohort(), tuple(sorted(options.items())))


def _asked(
    question: Callable[..., Answer], cohort: Cohort, given: tuple[tuple[str, Any], ...]
) -> Answer:
    found: Answer = ask_ahead(question, cohort, given, codes=hidden())
    return found


@lru_cache(maxsize=512)
def _found(
    question: Callable[..., Any],
    cohort: Cohort,
    path: str,
    signature: Signature,
    given: tuple[tuple[str, Any], ...],
    *,
    codes: bool,
) -> Any:
    """Find an answer without Streamlit's cache, which hashes a millisecond for each question."""
    answer = _answer(question, question.__name__, cohort, path, signature, given)
    return coded(answer, _codes(path, signature)) if codes else answer
