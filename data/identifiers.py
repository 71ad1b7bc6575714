"""What identifies people in free text and in keys: names, dates of birth, addresses, numbers."""

from __future__ import annotations

import hashlib
import hmac
import re

WITHHELD = "(withheld)"
LETTERS = r"[^\W\d_]"
DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b|\b(?:19|20)\d{2}-\d{2}-\d{2}\b")
BIRTH = re.compile(
    r"(?<!\d)(?:"
    r"\d{1,2}[./-]\d{1,2}[./-](?:19)?[1-9]\d"
    r"|19[1-9]\d-?[01]\d-?[0-3]\d"
    r"|[0-3]\d[01]\d19[1-9]\d"
    r")(?!\d)"
)
MAIL = re.compile(r"\S+@\S+\.\w+")
PHONE = re.compile(r"(?:\+|\b0)\d[\d /-]{6,}\d")
TITLE = re.compile(
    rf"\b(?:Herr|Frau|Hr|Fr|Mr|Mrs|Ms|Pat|Familie)\.?\s+(?:Dr\.?\s+)?[A-ZÄÖÜ]{LETTERS}+"
)
BORN = re.compile(r"\b(?:geb|geboren|born|dob)\b", re.IGNORECASE)
NAMES = re.compile(rf"[A-ZÄÖÜ]{LETTERS}+(?:-[A-ZÄÖÜ]{LETTERS}+)?,?\s+[A-ZÄÖÜ]{LETTERS}+\.?")
WORDS = frozenset(("patient", "pat", "fall", "case", "proband", "subject", "nr", "no", "klinik"))
PSEUDONYM = "P-"
DIGITS = 10


def identifies(text: str) -> bool:
    """Return whether a free text holds what identifies a person."""
    return any(found.search(text) for found in (DATE, MAIL, PHONE, TITLE, BORN))


def names_people(text: str) -> bool:
    """Return whether a key is made of a person's name or date of birth.

    Days of this century are taken for days of inclusion, and eight figures alone for a number.
    """
    if MAIL.search(text) or (BIRTH.search(text) and not text.strip().isdecimal()):
        return True
    words = {one.lower().strip(".,") for one in text.split()}
    return bool(NAMES.fullmatch(text.strip())) and not words & WORDS


def pseudonym(text: str, salt: str) -> str:
    """Return the pseudonym of a key, the same one for the same salt."""
    code = hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{PSEUDONYM}{code[:DIGITS]}"
