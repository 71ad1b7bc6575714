from __future__ import annotations

import pytest

from queries.statistics.descriptive import Description, describe

# nlme::Orthodont, distance at 14 minus distance at 8 years, in the order of the data
GROWTH = [5, 5, 4.5, 1.5, 6, 4, 4.5, 1.5, 3, 4, 2, 6.5, 12.5, 3.5, 7, 3, 2, 4.5, 5.5, 3, 2, 2.5]
GROWTH += [3.5, 1, 1.5, 3, 3.5]


# In R: d <- with(nlme::Orthodont, distance[age == 14] - distance[age == 8])
# In R: quantile(d); mean(d); sd(d)
def test_a_description_is_that_of_r() -> None:
    growth = describe(GROWTH)
    assert (growth.n, growth.q1, growth.median, growth.q3) == (27, 2.25, 3.5, 4.75)
    assert growth.mean == pytest.approx(3.90740740741)
    assert growth.sd == pytest.approx(2.34535972736)


# In R: quantile(d[1:11])
def test_quartiles_between_values_are_interpolated_as_type_7() -> None:
    growth = describe(GROWTH[:11])
    assert (growth.q1, growth.median, growth.q3) == (2.5, 4, 4.75)


def test_one_value_has_no_standard_deviation() -> None:
    assert describe([4]) == Description(1, 4.0, 4.0, 4.0, 4.0, None)


def test_without_values_nothing_is_described() -> None:
    assert describe([]) == Description(0, None, None, None, None, None)


def test_the_numbers_are_plain_floats() -> None:
    growth = describe(GROWTH)
    assert {type(number) for number in vars(growth).values()} == {int, float}


def test_missing_values_are_turned_away() -> None:
    with pytest.raises(ValueError, match="leave missing values out"):
        describe([1.0, None])
