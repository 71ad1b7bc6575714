"""Six patients typed by hand, with what was counted by hand in the comments beside them.

Days are counted from the first operation; the registry is complete up to 2024-06-30.

    A1  index 2022-01-10 T8 (K1) and L1 (K2): levels in two regions
    A2  index 2022-03-01 L3 (K3); 2023-03-01 (day 365) the same L3 again (K4): two sessions
    A3  index 2022-05-01 T12 (K5); died on 2022-09-01, day 123, before 6 months
    A4  index 2022-06-01 L2 (K6) and L4 (K7); died in May 2023, day unknown; no baseline;
        sex, birth year and tumour blank, one surgeon blank
    A5  index 2022-08-15 T5 (K8); last seen on 2022-11-20, day 97: lost
    A6  index 2024-02-01 L5 (K9); the data end on day 150: 3 months are due, 6 are not

Regions: thoracic T8 T5 (A1 A5), thoracolumbar L1 T12 L2 (A1 A3 A4), lumbar L3 L3 L4 L5 (A2 A4 A6).
Ages at the first operation (year less birth year): A1 72, A2 62, A3 77, A4 ?, A5 52, A6 49.
Looked for leaks: 8 of 9 levels (all but K5), in 5 patients (all but A3). Leaks: K1, K4, K6.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from data.example import SOURCE
from data.ingest import accept, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

SOURCE_TOML = """\
name = "Six patients"
synthetic = true
data_date = 2024-06-30
"""

PATIENTS = """\
patient_id,sex,birth_year,primary_tumour,died_on,last_seen_on
A1,F,1950,breast,,2023-02-01
A2,M,1960,lung,,2023-09-10
A3,F,1945,kidney,2022-09-01,
A4,,,,2023-05,
A5,M,1970,prostate,,2022-11-20
A6,F,1975,breast,,2024-05-10
"""

# K1 leaks at two locations; K5: not looked for; K6: nobody wrote whether it gave symptoms.
PROCEDURES = """\
procedure_id,patient_id,operated_on,level,leak,leak_locations,leak_symptomatic,leak_modality,surgeon,centre
K1,A1,2022-01-10,T8,yes,epidural/B;paravertebral,no,ct,Ames,North
K2,A1,2022-01-10,L1,no,,,ct,Ames,North
K3,A2,2022-03-01,L3,no,,,radiograph,Ames,North
K4,A2,2023-03-01,L3,yes,venous/S,yes,ct,Berg,North
K5,A3,2022-05-01,T12,,,,,Ames,South
K6,A4,2022-06-01,L2,yes,intradiscal/D,,radiograph,Berg,South
K7,A4,2022-06-01,L4,no,,,radiograph,,South
K8,A5,2022-08-15,T5,no,,,radiograph,Berg,South
K9,A6,2024-02-01,L5,no,,,,Berg,North
"""

# A2's 12 months lie on day 379, after the second operation on day 365.
# VAS            pre   post   m3    m6    m12
#   A1            8     4     3     2     2
#   A2            7     3.5   3     2.5   3
#   A3            9     5     4     dead  dead
#   A4            -     4     4     5     dead in the middle of May 2023: window 2023-10-14
#   A5            6     2     2     lost  lost
#   A6            8     8     5     not yet due
FOLLOW_UPS = """\
patient_id,visit,measured_on,vas,odi,karnofsky
A1,pre,2022-01-05,8,60,50
A1,post,2022-01-14,4,40,
A1,m3,2022-04-10,3,30,
A1,m6,2022-07-10,2,20,
A1,m12,2023-01-10,2,20,70
A2,pre,2022-02-25,7,70,
A2,post,2022-03-05,3.5,,
A2,m3,2022-06-01,3,30,
A2,m6,2022-09-01,2.5,,
A2,m12,2023-03-15,3,50,
A3,pre,2022-04-28,9,80,
A3,post,2022-05-05,5,60,
A3,m3,2022-07-30,4,50,
A4,post,2022-06-04,4,44,
A4,m3,2022-09-01,4,,
A4,m6,2022-12-10,5,,
A5,pre,2022-08-10,6,40,
A5,post,2022-08-20,2,30,
A5,m3,2022-11-20,2,,
A6,pre,2024-01-30,8,66,
A6,post,2024-02-04,8,,
A6,m3,2024-05-10,5,60,
"""

# Kyphosis  pre   post  m3   m6   m12
#   K1      20    14         .    16    post: first reader 12 and 14, second reader 15
#   K2      10    8               9
#   K3      18    10    11        (8)   m12 lies after the level was treated again: left out
#   K4      16    9          10         days from its own operation of 2023-03-01
#   K5      22    20
#   K6      12    12
#   K8      25    15    17
#   K9            9                     no film before
# Anterior height of K1 in mm: 15, 20, 18, expected 24, blank, 26: after the operation the mean
# of the two, 25, stands in: 62.5, 80 and 69.23 %. K2: 18 of 30 (60 %) and 24 of 30 (80 %).
RADIOGRAPHS = """\
procedure_id,visit,measured_on,reader,posture,calibrated,kyphosis_angle,height_anterior,height_anterior_reference
K1,pre,2022-01-05,R1,standing,yes,20,15,24
K1,post,2022-01-14,R1,standing,yes,12,20,
K1,post,2022-01-14,R1,standing,yes,14,,
K1,post,2022-01-14,R2,standing,yes,15,,
K1,m12,2023-01-10,R1,standing,yes,16,18,26
K2,pre,2022-01-05,R1,standing,yes,10,18,30
K2,post,2022-01-14,R1,standing,yes,8,24,30
K2,m12,2023-01-10,R1,standing,yes,9,,
K3,pre,2022-02-25,R1,standing,yes,18,,
K3,post,2022-03-05,R1,standing,yes,10,,
K3,m3,,R1,standing,yes,11,,
K3,m12,2023-03-10,R1,standing,yes,8,,
K4,pre,2023-02-20,R1,standing,yes,16,,
K4,post,2023-03-05,R1,standing,yes,9,,
K4,m6,2023-09-10,R1,standing,yes,10,,
K5,pre,2022-04-28,R1,standing,yes,22,,
K5,post,2022-05-05,R1,standing,yes,20,,
K6,pre,2022-05-28,R1,standing,yes,12,,
K6,post,2022-06-04,R1,standing,yes,12,,
K8,pre,2022-08-10,R1,standing,yes,25,,
K8,post,2022-08-20,R1,standing,yes,15,,
K8,m3,2022-11-20,R1,standing,yes,17,,
K9,post,2024-02-04,R1,standing,yes,9,,
"""

SIX = {
    "source.toml": SOURCE_TOML,
    "patients.csv": PATIENTS,
    "procedures.csv": PROCEDURES,
    "follow_ups.csv": FOLLOW_UPS,
    "radiographs.csv": RADIOGRAPHS,
}


def registry_of(files: Mapping[str, str], folder: Path) -> Path:
    """Import typed files, nothing of which may be held back, and return the registry."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name, text in files.items():
        (source / name).write_text(text, encoding="utf-8")
    checked = check(source)
    assert checked.accepted, checked.findings
    assert not any(count.held_back for count in checked.rows.values()), checked.findings
    accept(checked, folder / "registry.duckdb")
    return folder / "registry.duckdb"


def registry_of_six(factory: pytest.TempPathFactory) -> Path:
    """Return the registry of the six patients, built once."""
    return _six(factory.getbasetemp() / "six-patients")


def registry_of_example(factory: pytest.TempPathFactory) -> Path:
    """Return a registry of the example's files, built once."""
    return _example(factory.getbasetemp() / "example-patients")


@functools.cache
def _six(folder: Path) -> Path:
    return registry_of(SIX, folder)


@functools.cache
def _example(folder: Path) -> Path:
    folder.mkdir()
    accept(check(SOURCE), folder / "registry.duckdb")
    return folder / "registry.duckdb"
