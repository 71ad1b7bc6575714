import polars as pl
import pytest

from queries.thinned import cells, dots, neighbours


def column(*values: float) -> pl.DataFrame:
    return pl.DataFrame({"x": list(values)}, schema={"x": pl.Float64})


def test_few_rows_stay_as_they_are() -> None:
    few = column(3, 1, 2)
    assert neighbours(few, ["x"])["x"].to_list() == [3, 1, 2]
    assert dots(few, "x")["x"].to_list() == [3, 1, 2]
    assert neighbours(few, ["x"])["together"].to_list() == [1, 1, 1]
    assert neighbours(few.clear(), ["x"]).height == dots(few.clear(), "x").height == 0


def test_neighbours_are_averaged_and_counted() -> None:
    thin = neighbours(column(1, 2, 3, 4, 9), ["x"], most=3)
    assert thin.rows() == [(1.5, 2), (3.5, 2), (9, 1)]


def test_rows_of_another_kind_are_not_put_together() -> None:
    kinds = column(1, 2, 3, 4).with_columns(kind=pl.Series(["a", "a", "a", "b"]))
    thin = neighbours(kinds, ["x"], keep=["kind"], most=2)
    assert thin.select("kind", "x", "together").rows() == [
        ("a", 1.5, 2),
        ("a", 3, 1),
        ("b", 4, 1),
    ]


def test_each_dot_stands_for_several_and_none_is_lost() -> None:
    thin = dots(column(*[0.0] * 7, *[10.0] * 2, 5.0), "x", most=4)
    # 10 rows on 4 dots: 3 a dot, rounded up in every bin
    assert thin["together"].to_list() == [3] * 5
    assert [round(x) for x in thin["x"]] == [0, 0, 0, 5, 10]


def test_cells_count_every_row() -> None:
    plane = pl.DataFrame({"x": [0.0, 0.1, 4.0, 4.0], "y": [0.0, 0.1, 4.0, 0.0]})
    counted = cells(plane, "x", "y", grid=2)
    assert counted.rows() == [(1, 1, 2), (3, 3, 1), (3, 1, 1)]


def test_equal_values_make_one_cell() -> None:
    plane = pl.DataFrame({"x": [2.0, 2.0], "y": [5.0, 5.0]})
    (found,) = cells(plane, "x", "y").rows()
    assert found == pytest.approx((2.5, 5.5, 2))
