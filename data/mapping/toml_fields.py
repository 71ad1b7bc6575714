"""One table of a TOML file, its keys known and their values of the right kind."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, NoReturn

from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Fields:
    """The keys of one table; every method refuses a value of another kind.

    Parameters
    ----------
    found : object
        What the file says.
    known : sequence of str
        The keys that it may have.
    where : str
        Where it stands, for the sentence of a refusal.
    """

    def __init__(self, found: object, known: Sequence[str], where: str) -> None:
        self.where = where
        if not isinstance(found, dict):
            self.refuse("has no table")
        self._found: Mapping[str, object] = found
        unknown = [key for key in found if key not in known]
        if unknown:
            self.refuse(f"has the unknown word {unknown[0]}; known are {', '.join(known)}")

    def refuse(self, what: str) -> NoReturn:
        """Refuse the mapping for what it says here."""
        advice = f"The mapping {what} {self.where}. Correct it, or propose it anew."
        raise refusal("bad_mapping", advice)

    def text(self, key: str) -> str | None:
        """Return a text, None where there is none."""
        value = self._found.get(key)
        if value is not None and not isinstance(value, str):
            self.refuse(f"needs a text as {key}")
        return value

    def name(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.text(key)
        if not value:
            self.refuse(f"has no {key}")
        return value

    def flag(self, key: str) -> bool:
        """Return whether a key says true."""
        value = self._found.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"needs true or false as {key}")
        return value

    def number(self, key: str, default: float) -> float:
        """Return a number that is finite and not 0."""
        value = self._found.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(f"needs a number as {key}")
        if not math.isfinite(value) or value == 0:
            self.refuse(f"needs a number that is not 0 as {key}")
        return float(value)

    def whole(self, key: str) -> int | None:
        """Return a whole number, None where there is none."""
        value = self._found.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self.refuse(f"needs a whole number as {key}")
        return value

    def day(self, key: str) -> date | None:
        """Return a day, None where there is none."""
        value = self._found.get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(f"needs a day such as 2024-05-17 as {key}")
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str | None:
        """Return one of some texts, None where there is none."""
        value = self.text(key)
        if value is not None and value not in choices:
            self.refuse(f"needs one of {', '.join(choices)} as {key}")
        return value

    def list(self, key: str) -> Sequence[object]:
        """Return a list, empty where there is none."""
        value = self._found.get(key, [])
        if not isinstance(value, list):
            self.refuse(f"needs a list as {key}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.list(key)
        if not all(isinstance(value, str) for value in values):
            self.refuse(f"needs a list of texts as {key}")
        return tuple(map(str, values))

    def wholes(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers above 0."""
        found = [
            one
            for one in self.list(key)
            if isinstance(one, int) and not isinstance(one, bool) and one > 0
        ]
        if len(found) < len(self.list(key)):
            self.refuse(f"needs a list of whole numbers above 0 as {key}")
        return tuple(found)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return texts with the text that each stands for, in order."""
        value = self._found.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self.refuse(f"needs texts with texts as {key}")
        return tuple(sorted(value.items()))
