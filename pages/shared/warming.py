"""What is done before the first visitor asks: libraries, registry, overview, chart structures."""

from __future__ import annotations

import gc

from data.codebook import EVENT_KINDS, selectable_measures, thresholds
from data.warehouse import RegistryError
from pages.charts.alignment import alignment_chart
from pages.charts.attrition import completeness_chart, flow_chart
from pages.charts.attrition_map import map_chart
from pages.charts.incidence import incidence_chart
from pages.charts.leak_spine import spine_chart
from pages.charts.leakage import rate_chart
from pages.charts.overview import bars_chart
from pages.charts.patient import course_chart
from pages.charts.patient_spine import patient_spine_chart
from pages.charts.quality import recorded_chart
from pages.charts.responders import responders_chart
from pages.charts.survival import survival_chart
from pages.charts.theme import DARK, LIGHT
from pages.charts.trajectory import trajectory_chart
from pages.shared.ask import ask
from queries.attrition import attrition
from queries.cohort import Cohort
from queries.completeness import completeness
from queries.events import events
from queries.leakage import leakage
from queries.overview import overview
from queries.patient import patient
from queries.ranges import ranges
from queries.responders import responders
from queries.survival import survival


def warm() -> None:
    """Answer and draw the whole registry once; a fault is left for the visitor's page to say."""
    try:
        _answer_and_draw()
    except RegistryError:
        return
    finally:
        gc.collect()
        gc.freeze()


def _answer_and_draw() -> None:
    seen = ask(overview, Cohort(), models="none")
    levels = ask(leakage, Cohort(), by="level")
    published = thresholds("vas")[0].label
    reached = ask(responders, Cohort(), measure="vas", threshold=published, by=None)
    lives = ask(survival, Cohort(), by=None)
    due = ask(attrition, Cohort(), by=None)
    there = ask(completeness, Cohort())
    happened = ask(events, Cohort(), kind=EVENT_KINDS[0], by=None)
    first = ask(patient, Cohort())
    behind = [
        ask(ranges, Cohort(), measure=measure.code) for measure in selectable_measures("patient")
    ]
    for colours in (LIGHT, DARK):
        bars_chart(seen.tumours, colours)
        rate_chart(seen.leakage.rows, seen.leakage, colours, str, compact=True)
        spine_chart(levels, colours)
        responders_chart(reached, colours)
        completeness_chart(due, colours, str)
        recorded_chart(there, colours)
        flow_chart(due, colours)
        map_chart(due, colours)
        if first.person:
            course_chart(first, behind, colours)
            patient_spine_chart(first, colours)
        if lives.total.curve.n:
            survival_chart(lives, colours, str)
        if happened.recorded and happened.total.curve.n_events:
            incidence_chart(happened, colours, str)
        for compact in (True, False):
            for scores in seen.trajectories:
                trajectory_chart(scores, colours, compact=compact)
            for films in seen.alignments:
                alignment_chart(films, colours, compact=compact)
