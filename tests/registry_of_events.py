"""The six patients with events, and the patients of survival::lung with events made by a rule.

Days are counted from the first operation.

    A1  adjacent fractures on days 100 and 264 (two events, one patient); last seen on day 387
    A2  adjacent fractures on day -28 (before the operation) and day 426; last seen on day 558
    A3  died on day 123; an adjacent fracture dated after that
    A4  an adjacent fracture without a date; an infection on day 223; died on day 334 to 364, in
        the middle on day 349
    A5  a revision on the day of the operation; last seen on day 97
    A6  an adjacent fracture on day 109, after the last contact on day 99
"""

from __future__ import annotations

from datetime import timedelta

from tests.lung import DAYS, START
from tests.lung import source as lung_source
from tests.registry_of_six import SIX

EVENTS = """\
patient_id,procedure_id,kind,occurred_on
A1,K1,adjacent_fracture,2022-04-20
A1,K2,adjacent_fracture,2022-10-01
A2,,adjacent_fracture,2022-02-01
A2,,adjacent_fracture,2023-05-01
A3,,adjacent_fracture,2022-10-01
A4,,adjacent_fracture,
A4,K6,infection,2023-01-10
A5,K8,revision,2022-08-15
A6,,adjacent_fracture,2024-05-20
"""
SIX_WITH_EVENTS = {**SIX, "events.csv": EVENTS}


def lung_with_events(every: int) -> dict[str, str]:
    """Return the lung patients, every so many with a fracture at half of their time."""
    rows = [
        f"N{number},,adjacent_fracture,{START + timedelta(days=days // 2)}"
        for number, days in enumerate(DAYS)
        if number % every == 0
    ]
    return {
        **lung_source(),
        "events.csv": "\n".join(["patient_id,procedure_id,kind,occurred_on", *rows]) + "\n",
    }
