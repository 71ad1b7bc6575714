"""An upload on its way to the registry: it lives in the viewer's session and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data.ingest import check, propose, read_raw, refine, review, staged
from data.mapping.edit import answer, assign, translate
from data.mapping.file import load_mapping
from pages.shared.earlier_mapping import earlier_mapping, fits, followed_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Mapping as Files
    from datetime import date

    from data.ingest import Checked, Difference
    from data.mapping.model import Evidence, Mapping, Proposal, Question
    from data.readers.raw import Raw
    from data.warehouse import Signature
    from queries.overview import Figure

UPLOAD = "upload.state"
ROUND = "upload.round"
DONE = "upload.done"

Step = Literal["upload", "columns", "findings", "changes", "accept"]
STEPS: dict[Step, str] = {
    "upload": "1 Upload",
    "columns": "2 Columns",
    "findings": "3 Findings",
    "changes": "4 What changes",
    "accept": "5 Accept",
}
MOVING = ("twice", "visit")
SURE, LEGIBLE = 0.6, 0.95
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Asked:
    """A question with the key of the answer that was given, None while it is open."""

    question: Question
    key: str | None = None


@dataclass(frozen=True)
class Outlook:
    """What an import would change: patients and rows, and the headline figures before and after.

    Parameters
    ----------
    seen : Signature or None
        The file that would be replaced, None where there is none.
    before, after : tuple of Figure
        Of the registry in use (empty where there is none that can be read) and of the source.
    """

    seen: Signature | None
    difference: Difference
    before: tuple[Figure, ...]
    after: tuple[Figure, ...]

    @property
    def is_first(self) -> bool:
        """Return whether there is no registry to compare with."""
        return not self.before


@dataclass
class Upload:
    """An upload and how far it has come.

    Parameters
    ----------
    files : mapping of str to bytes
        As they were uploaded.
    raw : Raw
        Their tables.
    proposal : Proposal
        The mapping as it stands, with its evidence.
    asked : dict of tuple to Asked
        Every question so far.
    to_check : tuple of Evidence
        Columns that a person should look at, as they were proposed.
    followed : str
        Whose mapping was followed, in words; empty where it was proposed.
    edited : bool
        Whether a person changed or confirmed anything, or a mapping was followed.
    """

    files: Files[str, bytes]
    raw: Raw
    proposal: Proposal
    asked: dict[Key, Asked]
    to_check: tuple[Evidence, ...]
    followed: str = ""
    edited: bool = False
    step: Step = "columns"
    checked: Checked | None = None
    outlook: Outlook | None = None

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Return what nobody has answered, though it must be."""
        return tuple(
            one.question for one in self.asked.values() if one.key is None and one.question.blocking
        )

    @property
    def is_ready(self) -> bool:
        """Return whether the columns are settled enough to be checked."""
        return not self.open_questions and not self.proposal.missing

    @property
    def reached(self) -> tuple[Step, ...]:
        """Return the steps that can be opened."""
        steps: list[Step] = ["columns"]
        if self.is_ready:
            steps.append("findings")
            if self.checked is not None and self.checked.accepted:
                steps += ["changes", "accept"]
        return tuple(steps)


def current() -> Upload | None:
    """Return the upload of this session."""
    found: Upload | None = st.session_state.get(UPLOAD)
    return found


def today() -> date:
    """Return the day of the import."""
    return datetime.now().astimezone().date()


def by_name(files: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return files by their names, those of the same name apart."""
    found: dict[str, bytes] = {}
    for name, content in files:
        path, unique, number = PurePath(name), name, 2
        while unique in found:
            unique, number = f"{path.stem} ({number}){path.suffix}", number + 1
        found[unique] = content
    return found


def begin(files: Files[str, bytes]) -> None:
    """Read uploaded files and propose what their columns become.

    A mapping among them is followed; without one, that of the registry in use where it fits.

    Raises
    ------
    data.readers.refusal.RefusedError
        If they cannot be read, or a mapping among them is not valid.
    """
    with staged(files) as path:
        raw = read_raw(path, today())
    proposal, followed = propose(raw, today()), ""
    if raw.mapping is not None:
        given = followed_mapping(proposal.mapping, load_mapping(raw.mapping))
        proposal, followed = review(raw, given, today()), "the mapping among the files"
    elif (earlier := earlier_mapping()) is not None:
        mapping, when = earlier
        if fits(mapping, proposal.mapping):
            proposal = review(raw, followed_mapping(proposal.mapping, mapping), today())
            followed = when
    _start(files, raw, proposal, followed)
    forget_files()


def anew(upload: Upload) -> None:
    """Propose the columns anew, without the mapping that was followed."""
    _start(upload.files, upload.raw, propose(upload.raw, today()), "")


def _start(files: Files[str, bytes], raw: Raw, proposal: Proposal, followed: str) -> None:
    st.session_state[UPLOAD] = Upload(
        dict(files),
        raw,
        proposal,
        {_key(one): Asked(one) for one in proposal.questions},
        tuple(one for one in proposal.evidence if _is_doubtful(one)),
        followed=followed,
        edited=bool(followed),
    )


def forget() -> None:
    """Drop the upload: nothing of it stays in the session."""
    st.session_state.pop(UPLOAD, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    forget_files()


def forget_files() -> None:
    """Drop the copies of uploaded files that the server holds for this session."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def answered(upload: Upload, question: Question, key: str) -> None:
    """Take an answer."""
    upload.asked[_key(question)] = Asked(question, key)
    _become(upload, answer(upload.proposal.mapping, question, key))
    if question.code in MOVING:
        del upload.asked[_key(question)]


def confirmed(upload: Upload) -> None:
    """Take the proposed answer to every open question that has one."""
    for one in list(upload.asked.values()):
        if one.key is None and one.question.proposed is not None:
            answered(upload, one.question, one.question.proposed)


def assigned(
    upload: Upload, table: str, column: str, becomes: str | None, visit: str | None
) -> None:
    """Let a column become something else, with the questions about it put anew."""
    upload.asked = {
        key: one for key, one in upload.asked.items() if (key[0], key[1]) != (table, column)
    }
    mapping = assign(upload.proposal.mapping, table, column, becomes, visit=visit)
    _become(upload, refine(upload.raw, mapping, table, column, today()))


def translated(upload: Upload, table: str, column: str, text: str, code: str) -> None:
    """Let a text stand for a code."""
    _become(upload, translate(upload.proposal.mapping, table, column, text, code))


def _become(upload: Upload, mapping: Mapping) -> None:
    upload.proposal = review(upload.raw, mapping, today())
    answered_ones = {key: one for key, one in upload.asked.items() if one.key is not None}
    still_open = {_key(one): Asked(one) for one in upload.proposal.questions}
    upload.asked = {
        key: still_open.get(key) or answered_ones[key]
        for key in [*upload.asked, *still_open]
        if key in still_open or key in answered_ones
    }
    upload.checked, upload.outlook, upload.edited = None, None, True


def checked(upload: Upload, progress: Callable[[str, float], object]) -> Checked:
    """Check the upload with its mapping; nothing is written."""
    plain = upload.proposal.certain and not upload.edited
    with staged(upload.files) as path:
        upload.checked = check(path, None if plain else upload.proposal.mapping, progress)
    return upload.checked


def _key(question: Question) -> Key:
    return question.table, question.column, question.key


def _is_doubtful(one: Evidence) -> bool:
    if not one.filled:
        return False
    return one.becomes is None or one.confidence < SURE or one.readable < LEGIBLE
