"""A small good source on disk, changed file by file, for the tests of the import."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from data.ingest import Checked, Finding

PATIENTS = b"patient_id,sex,died_on\nP1,F,\nP2,M,2006-09\n"
PROCEDURES = (
    b"procedure_id,patient_id,operated_on,level\nK1,P1,2006-01-10,T12\nK2,P2,2006-02-10,L2\n"
)
FOLLOW_UPS = b"patient_id,visit,measured_on,vas,odi\nP1,pre,2006-01-09,8,60\nP1,m3,2006-04-10,3,\n"
SECTIONS = ",".join(f"odi_{n}" for n in range(1, 11))


def write_source(folder: Path, /, **files: bytes | str | None) -> Path:
    """Write the good source with files changed (`__` is the dot), added, or left out (None)."""
    folder.mkdir(exist_ok=True)
    contents = {
        "patients.csv": PATIENTS,
        "procedures.csv": PROCEDURES,
        "follow_ups.csv": FOLLOW_UPS,
        **{name.replace("__", "."): content for name, content in files.items()},
    }
    for name, content in contents.items():
        if content is not None:
            raw = content.encode() if isinstance(content, str) else content
            (folder / name).write_bytes(raw)
    return folder


def zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    """Pack the files of a folder."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


def refused(checked: Checked) -> Finding:
    """Return the one finding of a refused source."""
    assert not checked.accepted
    assert checked.tables == {}
    assert checked.rows == {}
    (finding,) = checked.findings
    assert finding.severity == "refuse"
    return finding
