"""Survival: who is alive, from the operation on, as a whole and by group."""

from pages.charts.survival import survival_chart
from pages.shared import curve_words, survival_tables, wording
from pages.shared import survival_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.held_back import held_back_line
from pages.shared.panels import colours, control_row
from pages.views.curves import CurveView, namer, show_curves
from queries.cohort import selection
from queries.survival import survival

PAGE = "survival"
chosen = ask(selection, current_cohort())
with control_row():
    by = compared_by(PAGE, chosen)
answer = ask(survival, chosen.cohort, by=by)
total, name = answer.total, namer(answer)
at_risk = survival_tables.at_risk_rows(answer, name) if total.curve.n else []


def marked(sentence: str) -> str:
    """Mark a sentence that could be quoted, where the registry is synthetic."""
    return wording.marked(sentence, synthetic=chosen.synthetic) if sentence else ""


show_curves(
    CurveView(
        page=PAGE,
        title="Survival of patients",
        what="survival",
        sentences=[
            words.survival_sentence(answer),
            *(words.comparison_sentence(test, name) for test in answer.comparisons),
        ],
        chart=survival_chart(answer, colours(), name) if total.curve.n else None,
        alt=words.survival_alt(answer, name),
        legend=words.survival_legend(answer),
        twin=at_risk,
        groups=survival_tables.group_rows(answer, name),
        beside=[],
        instead=[],
        rests=[
            marked(words.follow_up_sentence(total)),
            words.start_sentence(answer),
            curve_words.left_out(total),
            marked(words.uncertain_sentence(total)),
        ],
        tables=[survival_tables.summary_rows(answer, name), at_risk],
        nothing="Nobody was followed, so there is no curve and no number at risk.",
    ),
    answer,
    followed=bool(total.curve.n),
)
held_back_line("patients.died_on", "patients.died", "patients.last_seen_on")
