"""Adjusting the P values of a family of tests."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjust the P values of one family so that any false positive stays below alpha.

    Parameters
    ----------
    p_values
        Raw P values of the family; None for a test that was refused, which does not count.

    Returns
    -------
    tuple of float or None
        Adjusted P values in the same order, None where there was none.

    Raises
    ------
    ValueError
        If a P value is outside 0 to 1.

    Notes
    -----
    Holm's step-down method [1]_, as R's ``p.adjust(method = "holm")``.

    References
    ----------
    .. [1] Holm S. A simple sequentially rejective multiple test procedure.
       Scandinavian Journal of Statistics 1979;6:65-70.

    Examples
    --------
    >>> holm([0.01, None, 0.04])
    (0.02, None, 0.04)
    """
    given = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    if not all(0 <= p <= 1 for p, _ in given):
        raise ValueError("`p_values` must lie between 0 and 1.")
    steps = accumulate((p * (len(given) - rank) for rank, (p, _) in enumerate(given)), max)
    adjusted = {place: min(1.0, p) for (_, place), p in zip(given, steps, strict=True)}
    return tuple(adjusted.get(place) for place in range(len(p_values)))
