from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.models import VisitModel, among_alive, mixed_model
from queries.statistics.reml import fit_reml

if TYPE_CHECKING:
    from random import Random

# nlme::Orthodont, distance at ages 8, 10, 12 and 14 in the order of the data, one line a child
ORTHODONT = """
26 25 29 31;21.5 22.5 23 26.5;23 22.5 24 27.5;25.5 27.5 26.5 27;20 23.5 22.5 26;24.5 25.5 27 28.5;
22 22 24.5 26.5;24 21.5 24.5 25.5;23 20.5 31 26;27.5 28 31 31.5;23 23 23.5 25;21.5 23.5 24 28;
17 24.5 26 29.5;22.5 25.5 25.5 26;23 24.5 26 30;22 21.5 23.5 25;21 20 21.5 23;21 21.5 24 25.5;
20.5 24 24.5 26;23.5 24.5 25 26.5;21.5 23 22.5 23.5;20 21 21 22.5;21.5 22.5 23 25;23 23 23.5 24;
20 21 22 21.5;16.5 19 19 19.5;24.5 25 28 28
"""
AGES = ("8", "10", "12", "14")
DISTANCE = np.array([[float(x) for x in child.split()] for child in ORTHODONT.split(";")])
ROWS = [
    (distance, AGES[age], child)
    for child, row in enumerate(DISTANCE.tolist())
    for age, distance in enumerate(row)
]
# as if those with less than 24 mm at 14 had not come
OBSERVED = [row for row in ROWS if not (row[1] == "14" and row[0] < 24)]

# 20 patients with up to 3 levels and gaps, by a formula that R has too
VISITS = ("pre", "post", "6m", "12m")
LEVELS = [
    (i, level, v)
    for i in range(1, 21)
    for level in range(3)
    for v in range(4)
    if level <= i % 3 and ((i * 7 + v * 3 + level) % 11 != 0 or v == 0)
]


def height(i: int, level: int, v: int) -> float:
    patient, of_level = (i * 37) % 19 / 2, (i * 5 + level * 23) % 13 / 3
    return patient + of_level + (i * 11 + level * 7 + v * 17) % 10 / 2 - (0, 4, 3, 2)[v]


HEIGHTS = [height(*row) for row in LEVELS]
OF_PATIENT, OF_LEVEL, AT = zip(*LEVELS, strict=True)
WHEN = [VISITS[v] for v in AT]

repeatable = settings(derandomize=True, deadline=None)


def column(model: VisitModel, name: str) -> list[float]:
    return [getattr(change, name) for change in model.changes]


# In R: o <- nlme::Orthodont; o <- o[!(o$age == 14 & o$distance < 24), ]; o$age <- factor(o$age)
# In R: f <- lme4::lmer(distance ~ age + (1 | Subject), o)
# In R: fixef(f); confint(f, method = "Wald"); VarCorr(f)
def test_the_mixed_model_is_that_of_lme4() -> None:
    model = mixed_model(*zip(*OBSERVED, strict=True), order=AGES)
    assert column(model, "estimate") == pytest.approx(
        [0.981481481481, 2.462962962963, 4.311247608441], rel=1e-6
    )
    assert column(model, "ci_low") == pytest.approx(
        [0.209352732603, 1.690834214084, 3.484771336052], rel=1e-5
    )
    assert column(model, "ci_high") == pytest.approx(
        [1.75361023036, 3.23509171184, 5.13772388083], rel=1e-5
    )
    assert (model.sd_patient, model.sd_residual) == pytest.approx(
        (1.967835655, 1.447466483), rel=1e-5
    )
    assert (model.sd_level, model.n_levels) == (None, None)
    assert column(model, "visit") == ["10", "12", "14"]
    assert column(model, "n_patients") == [27, 27, 22]
    assert (model.n_patients, model.n_values, model.refused) == (27, len(OBSERVED), None)
    assert model.assumption == "as if nobody had died; missing at random"


# In R: g <- geepack::geeglm(distance ~ age, id = as.integer(factor(as.character(Subject),
# In R: unique(as.character(Subject)))), data = o, corstr = "independence", std.err = "san.se")
# In R: coef(summary(g))
def test_the_means_of_those_alive_are_those_of_geepack() -> None:
    model = among_alive(*zip(*OBSERVED, strict=True), order=AGES)
    assert column(model, "estimate") == pytest.approx(
        [0.981481481481, 2.462962962963, 4.837542087542], rel=1e-9
    )
    assert column(model, "std_error") == pytest.approx(
        [0.378142055199, 0.383047778707, 0.527217837963], rel=1e-9
    )
    assert column(model, "p")[:2] == pytest.approx([9.44433894152e-03, 1.27679089523e-10])
    assert (model.assumption, model.sd_patient) == ("among those alive", None)


# In R: x <- expand.grid(v = 0:3, l = 0:2, id = 1:20); x <- x[x$l <= x$id %% 3, ]
# In R: x <- x[(x$id * 7 + x$v * 3 + x$l) %% 11 != 0 | x$v == 0, ]
# In R: x$y <- ((x$id * 37) %% 19) / 2 + ((x$id * 5 + x$l * 23) %% 13) / 3 +
# In R:   ((x$id * 11 + x$l * 7 + x$v * 17) %% 10) / 2 - c(0, 4, 3, 2)[x$v + 1]
# In R: f <- lme4::lmer(y ~ factor(v) + (1 | id / l), x); the three calls from above
# In R: geepack::geeglm(y ~ factor(v), id = id, data = x, std.err = "san.se")
def test_levels_are_nested_in_patients_as_by_lme4_and_clustered_as_by_geepack() -> None:
    model = mixed_model(HEIGHTS, WHEN, OF_PATIENT, order=VISITS, levels=OF_LEVEL)
    assert column(model, "estimate") == pytest.approx(
        [-4.12712331436, -2.79491101525, -2.13799422802], rel=1e-6
    )
    assert column(model, "ci_low") == pytest.approx(
        [-4.82992530271, -3.50381121954, -2.85282438861], rel=1e-6
    )
    assert column(model, "ci_high") == pytest.approx(
        [-3.42432132601, -2.08601081097, -1.42316406743], rel=1e-6
    )
    assert (model.sd_patient, model.sd_level, model.sd_residual) == pytest.approx(
        (2.796817221, 1.167314725, 1.584359163), rel=1e-5
    )
    assert (model.n_patients, model.n_levels) == (20, 41)
    alive = among_alive(HEIGHTS, WHEN, OF_PATIENT, order=VISITS, levels=OF_LEVEL)
    assert column(alive, "estimate") == pytest.approx(
        [-4.29835258879, -2.95660294441, -1.97549683830], rel=1e-9
    )
    assert column(alive, "std_error") == pytest.approx(
        [0.260337826293, 0.306140326115, 0.282862682391], rel=1e-9
    )
    assert alive.n_levels == 41


# In R: i <- 0:79; b <- data.frame(id = i %/% 4, v = factor(i %% 4), y = ((i * 29) %% 31) / 4)
# In R: b$y <- b$y - ave(b$y, b$id); f <- lme4::lmer(y ~ v + (1 | id), b) # boundary (singular) fit
def test_no_variance_between_patients_is_an_answer_as_in_lme4() -> None:
    i = np.arange(80)
    values = (i * 29) % 31 / 4
    values -= (np.bincount(i // 4, values) / 4)[i // 4]
    model = mixed_model(values, [VISITS[v] for v in i % 4], i // 4, order=VISITS)
    assert column(model, "estimate") == pytest.approx([-0.1125, -0.225, 0.05], rel=1e-6)
    assert column(model, "ci_low") == pytest.approx(
        [-1.036536790411, -1.149036790411, -0.874036790411], rel=1e-6
    )
    assert model.sd_patient == pytest.approx(0, abs=1e-3)


def test_one_level_in_every_patient_says_nothing_that_the_patient_does_not() -> None:
    values, visits, children = zip(*OBSERVED, strict=True)
    plain = mixed_model(values, visits, children, order=AGES)
    model = mixed_model(values, visits, children, order=AGES, levels=["T12"] * len(values))
    assert model.changes == plain.changes
    assert (model.n_levels, model.sd_level) == (27, None)


def test_changes_come_in_the_order_given_and_visits_without_values_not_at_all() -> None:
    some = [row for row in ROWS if row[1] != "10"]
    model = mixed_model(*zip(*some, strict=True), order=("8", "14", "10", "12"))
    assert column(model, "visit") == ["14", "12"]


@pytest.mark.parametrize("fit", [mixed_model, among_alive])
def test_few_patients_at_a_visit_are_noted(fit: type) -> None:
    some = [row for row in ROWS if not (row[1] == "14" and row[2] > 8)]
    assert fit(*zip(*some, strict=True), order=AGES).notes == (
        "fewer than 10 patients at 14: errors are too small",
    )
    assert fit(*zip(*OBSERVED, strict=True), order=AGES).notes == ()


PAIRS = [visit for _ in range(12) for visit in ("pre", "6m")]
TWICE = [i // 2 for i in range(24)]
SAME_FALL = [float(x) for i in range(12) for x in ((i * 7) % 5, (i * 7) % 5 - 3)]


@pytest.mark.parametrize(
    ("values", "visits", "patients", "mixed", "alive"),
    [
        ([], [], [], "nothing was measured", "nothing was measured"),
        ([1.0], ["6m"], [1], "nothing was measured at pre", "nothing was measured at pre"),
        ([1.0], ["pre"], [1], "nothing was measured but at pre", "nothing was measured but at pre"),
        (
            [1.0, 2.0],
            ["pre", "6m"],
            [1, 1],
            "a mixed model needs 10 patients, there is 1",
            "a GEE needs 10 patients, there is 1",
        ),
        (
            range(18),
            PAIRS[:18],
            TWICE[:18],
            "a mixed model needs 10 patients, there are 9",
            "a GEE needs 10 patients, there are 9",
        ),
        ([3.0] * 24, PAIRS, TWICE, *["no variation: every value is the same"] * 2),
        (range(24), PAIRS, range(24), "every patient was measured only once", None),
        (
            SAME_FALL,
            PAIRS,
            TWICE,
            "the mixed model did not converge, as where every patient changed by the same",
            "no variation: every patient changed by the same",
        ),
    ],
)
def test_a_refusal_says_why(
    values: list[float], visits: list[str], patients: list[int], mixed: str, alive: str | None
) -> None:
    model = mixed_model(values, visits, patients, order=VISITS)
    assert (model.refused, model.changes, model.notes) == (mixed, (), ())
    assert among_alive(values, visits, patients, order=VISITS).refused == alive


def test_levels_measured_once_allow_no_mixed_model() -> None:
    model = mixed_model(range(24), PAIRS, TWICE, order=VISITS, levels=range(24))
    assert model.refused == "every level was measured only once"


@repeatable
@given(st.randoms())
def test_order_of_rows_and_names_of_patients_do_not_matter(random: Random) -> None:
    shuffled = [(value, visit, f"p{99 - child}") for value, visit, child in OBSERVED]
    random.shuffle(shuffled)
    for fit in (mixed_model, among_alive):
        one = fit(*zip(*OBSERVED, strict=True), order=AGES)
        two = fit(*zip(*shuffled, strict=True), order=AGES)
        for name in ("estimate", "ci_low", "ci_high"):
            assert column(one, name) == pytest.approx(column(two, name), rel=1e-5)


@pytest.mark.parametrize("fit", [mixed_model, among_alive])
def test_powers_of_two_scale_the_estimates_and_leave_p_alone(fit: type) -> None:
    values, visits, children = zip(*OBSERVED, strict=True)
    one = fit(values, visits, children, order=AGES)
    four = fit([value * 4 for value in values], visits, children, order=AGES)
    assert column(four, "estimate") == pytest.approx([4 * x for x in column(one, "estimate")])
    assert column(four, "p") == pytest.approx(column(one, "p"))


def test_a_lower_confidence_narrows_the_interval() -> None:
    wide, narrow = (
        mixed_model(*zip(*OBSERVED, strict=True), order=AGES, confidence=level)
        for level in (0.95, 0.9)
    )
    assert narrow.ci_level == 0.9
    ratio = np.subtract(column(narrow, "ci_high"), column(narrow, "ci_low")) / np.subtract(
        column(wide, "ci_high"), column(wide, "ci_low")
    )
    assert ratio == pytest.approx(1.644853627 / 1.959963985)


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match=r"`visits` must be in `order`, got \['24m'\]"):
        mixed_model([1.0], ["24m"], [1], order=VISITS)
    with pytest.raises(ValueError, match="must have shape"):
        among_alive([1.0], ["pre"], [1, 2], order=VISITS)


def test_changes_equal_but_for_rounding_have_no_mixed_model() -> None:
    # The search runs to a patient's spread so large that its equations become singular.
    starts = (9.3, 8.7, 8.6, 8.6, 7.1, 9.4, 6.4, 6.4)
    values = np.array([start - fall for start in starts for fall in (0, 3.1, 3.3, 3.0)])
    visits = np.tile(np.arange(4), len(starts))
    design = np.column_stack([np.ones(values.size)] + [visits == place for place in (1, 2, 3)])
    assert fit_reml(values, design, np.repeat(np.arange(len(starts)), 4), None) is None
