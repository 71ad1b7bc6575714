"""Plain description of one column of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Description:
    """Number, quartiles, mean and standard deviation; None where undefined."""

    n: int
    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None


def describe(values: ArrayLike) -> Description:
    """Describe values by their number, quartiles, mean and standard deviation.

    Parameters
    ----------
    values
        Shape (n,), in the outcome's unit, finite.

    Returns
    -------
    Description
        Everything but `n` is None without values; `sd` is None with one.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or not finite.

    Notes
    -----
    Quartiles are of type 7 in the sense of Hyndman and Fan [1]_, R's default; the standard
    deviation divides by n − 1.

    References
    ----------
    .. [1] Hyndman RJ, Fan Y. Sample quantiles in statistical packages. American
       Statistician 1996;50:361-365.

    Examples
    --------
    >>> change = describe([1.0, 2.0, 4.0])
    >>> change.q1, change.median, change.q3, round(change.sd, 3)
    (1.5, 2.0, 3.0, 1.528)
    """
    vector = numbers(values, "values")
    n = vector.size
    if n == 0:
        return Description(0, None, None, None, None, None)
    q1, median, q3 = np.quantile(vector, [0.25, 0.5, 0.75]).tolist()
    sd = float(np.std(vector, ddof=1)) if n > 1 else None
    return Description(n, median, q1, q3, float(np.mean(vector)), sd)
