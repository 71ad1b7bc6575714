"""The values of every visit, made ready for a model, or the reason why there can be none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from queries.statistics.limits import MODEL_PATIENTS
from queries.statistics.vectors import cluster_index, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray, FloatArray


class Observed(NamedTuple):
    """The values with the places of their visits, patients and levels, all from 0."""

    values: FloatArray
    visit: ClusterArray
    visits: tuple[str, ...]
    patient: ClusterArray
    n_patients: int
    level: ClusterArray | None
    n_levels: int | None


def observed(
    values: ArrayLike,
    visits: ArrayLike,
    patients: ArrayLike,
    levels: ArrayLike | None,
    order: Sequence[str],
) -> Observed:
    """Code visits in the given order, patients, and the levels within them.

    Parameters
    ----------
    values
        Shape (n,), in the outcome's unit, finite.
    visits, patients
        Of each value, shape (n,).
    levels
        Of each value, shape (n,), or None.
    order
        All visits, baseline first.

    Returns
    -------
    Observed
        Levels of the same name in two patients are two levels. Levels are dropped where every
        patient has one, since they say nothing then that the patient does not.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or a visit is not in `order`.

    Examples
    --------
    >>> observed([1.0, 2.0], ["pre", "6m"], [7, 7], None, ("pre", "post", "6m")).visits
    ('pre', '6m')
    """
    vector = numbers(values, "values")
    names, named = cluster_index(visits, vector.size)
    unknown = set(names.tolist()) - set(order)
    if unknown:
        raise ValueError(f"`visits` must be in `order`, got {sorted(unknown)}.")
    present = [str(visit) for visit in order if visit in names]
    places = np.array([present.index(name) for name in names.tolist()], dtype=np.int64)
    ids, patient = cluster_index(patients, vector.size)
    level, n_levels = None, None
    if levels is not None:
        distinct, inner = cluster_index(levels, vector.size)
        units, level = cluster_index(patient * max(distinct.size, 1) + inner, vector.size)
        n_levels = units.size
        level = None if n_levels == ids.size else level
    visit = places[named] if vector.size else named
    return Observed(vector, visit, tuple(present), patient, ids.size, level, n_levels)


def why_no_model(data: Observed, baseline: str, model: str) -> str | None:
    """Say in words why the values allow no model.

    Parameters
    ----------
    data
        From `observed`.
    baseline
        The visit against which the others are set.
    model
        What the sentence calls the model.

    Returns
    -------
    str or None
        None where they allow one.

    Examples
    --------
    >>> data = observed([1.0, 2.0], ["pre", "6m"], [7, 7], None, ("pre", "6m"))
    >>> why_no_model(data, "pre", "a mixed model")
    'a mixed model needs 10 patients, there is 1'
    """
    if data.values.size == 0:
        return "nothing was measured"
    if baseline not in data.visits:
        return f"nothing was measured at {baseline}"
    if len(data.visits) == 1:
        return f"nothing was measured but at {baseline}"
    if data.n_patients < MODEL_PATIENTS:
        there = "there is 1" if data.n_patients == 1 else f"there are {data.n_patients}"
        return f"{model} needs {MODEL_PATIENTS} patients, {there}"
    if np.ptp(data.values) == 0:
        return "no variation: every value is the same"
    return None


def why_not_mixed(data: Observed, baseline: str) -> str | None:
    """Say in words why the values allow no mixed model, as `why_no_model`.

    Parameters
    ----------
    data, baseline
        As for `why_no_model`.

    Returns
    -------
    str or None
        None where they allow one.

    Examples
    --------
    >>> data = observed(range(10), ["pre", "6m"] * 5, range(10), None, ("pre", "6m"))
    >>> why_not_mixed(data, "pre")
    'every patient was measured only once'
    """
    refused = why_no_model(data, baseline, "a mixed model")
    if refused:
        return refused
    if data.n_patients == data.values.size:
        return "every patient was measured only once"
    if data.n_levels == data.values.size:
        return "every level was measured only once"
    return None
