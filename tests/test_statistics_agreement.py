import numpy as np
import pytest

import queries.statistics.agreement
from queries.statistics.agreement import reader_agreement

# Shrout & Fleiss 1979, table 2, judges 1 and 2
FIRST, SECOND = [9.0, 6, 8, 7, 10, 6], [2.0, 1, 4, 1, 5, 2]


def typed(patients: int, films: int, *, bias: float = 0.5) -> tuple[list[float], ...]:
    """Readings without chance: films of a patient differ alike."""
    first, second, patient = [], [], []
    for one in range(patients):
        for film in range(films):
            first.append(10 + 3 * one % 17 + film)
            second.append(first[-1] + bias + ((5 * one + 3 * film) % 7 - 3) / 2)
            patient.append(one)
    return first, second, patient


def test_the_correlation_is_that_of_aov_and_of_a_mixed_model() -> None:
    # in R: l <- data.frame(v = c(x, y), film = factor(rep(1:6, 2)), reader = factor(rep(1:2,
    # each = 6))); ms <- summary(aov(v ~ film + reader, l))[[1]][["Mean Sq"]]
    # (ms[1] - ms[3]) / (ms[1] + ms[3] + 2 * (ms[2] - ms[3]) / 6); lme4::lmer(v ~ 1 + (1 | film) +
    # (1 | reader)) gives 0.1256537
    found = reader_agreement(FIRST, SECOND, range(6))
    assert found.icc is not None
    assert found.icc.value == pytest.approx(0.1256544503, abs=1e-9)
    assert found.bias is not None
    assert found.bias.value == pytest.approx(-5.1666666667)
    assert found.lower is not None
    assert found.upper is not None
    limits = (found.lower.value, found.upper.value)
    assert limits == pytest.approx((-7.4579531441, -2.8753801892), abs=1e-9)
    assert found.sdc is not None
    assert found.sdc.value == pytest.approx(10.3402419625, abs=1e-9)


def test_below_ten_patients_there_are_no_intervals() -> None:
    found = reader_agreement(FIRST, SECOND, range(6))
    for estimate in (found.icc, found.bias, found.lower, found.upper, found.sdc):
        assert estimate is not None
        assert (estimate.ci_low, estimate.ci_high) == (None, None)
    nine, ten = (reader_agreement(*typed(k, 2)) for k in (9, 10))
    assert nine.bias is not None
    assert ten.bias is not None
    assert (nine.bias.ci_low, ten.bias.ci_low is None) == (None, False)


def test_the_jackknife_leaves_out_one_patient_at_a_time() -> None:
    first, second, patient = typed(12, 3)
    found = reader_agreement(first, second, patient)
    difference, who = np.subtract(second, first), np.array(patient)
    whole = difference.mean()
    without = np.array([difference[who != one].mean() for one in range(12)])
    pseudo = 12 * whole - 11 * without
    # in R: qt(.975, 11)
    reach = 2.200985160083 * pseudo.std(ddof=1) / np.sqrt(12)
    assert found.bias is not None
    ends = (found.bias.ci_low, found.bias.ci_high)
    assert ends == pytest.approx((whole - reach, whole + reach), abs=1e-9)


def test_many_patients_are_left_out_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reader_agreement(*typed(40, 1))
    monkeypatch.setattr(queries.statistics.agreement, "JACKKNIFE_GROUPS", 20)
    grouped = reader_agreement(*typed(40, 1))
    assert whole.sdc is not None
    assert grouped.sdc is not None
    assert grouped.sdc.value == whole.sdc.value
    assert grouped.sdc.ci_low != whole.sdc.ci_low
    assert grouped.sdc.ci_low < grouped.sdc.value < grouped.sdc.ci_high


def test_the_smallest_detectable_change_holds_the_bias_the_limits_do_not() -> None:
    level, biased = reader_agreement(*typed(12, 2, bias=0)), reader_agreement(*typed(12, 2, bias=5))
    assert level.sdc is not None
    assert biased.sdc is not None
    assert biased.sdc.value > 2 * level.sdc.value
    widths = [a.upper.value - a.lower.value for a in (level, biased) if a.upper and a.lower]
    assert widths[0] == pytest.approx(widths[1])


def test_order_of_films_and_scale_do_not_matter() -> None:
    first, second, patient = typed(11, 2)
    found = reader_agreement(first, second, patient)
    turned = reader_agreement(first[::-1], second[::-1], patient[::-1])
    doubled = reader_agreement([2 * x for x in first], [2 * y for y in second], patient)
    assert found.icc is not None
    assert turned.icc is not None
    assert doubled.icc is not None
    assert turned.icc.value == pytest.approx(found.icc.value)
    assert doubled.icc.value == pytest.approx(found.icc.value)


def test_what_cannot_be_compared_says_why() -> None:
    assert reader_agreement([], [], []).refused == "no film was read by two readers"
    assert reader_agreement([1.0], [2.0], [1]).refused == "one film alone was read twice"
    same = reader_agreement([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1, 2, 3])
    assert (same.icc, same.sdc) == (None, None)
    assert same.refused == "both readers read the same value on every film"
    with pytest.raises(ValueError, match="the same films"):
        reader_agreement([1.0], [1.0, 2.0], [1])
