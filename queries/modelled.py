"""The same changes from models of every observed value, beside the tests of complete pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from data.codebook import BASELINE
from queries.statistics.limits import MODEL_ON_REQUEST, MODEL_PATIENTS
from queries.statistics.models import among_alive, mixed_model
from queries.statistics.results import Sensitivity

if TYPE_CHECKING:
    import polars as pl

    from queries.statistics.models import VisitModel

Models = Literal["few", "always", "none"]
MODELS: tuple[Models, ...] = ("few", "always", "none")
MIXED = "mixed model"
MIXED_IS = "of every observed value, as if nobody had died; missing at random"
ALIVE = "among those alive, GEE"
ALIVE_IS = "of every observed value, independence, robust errors"
ON_REQUEST = (
    f"mixed model and GEE of every observed value: above {MODEL_ON_REQUEST:,} patients on "
    "request only"
)


def modelled(
    values: pl.DataFrame,
    planned: tuple[str, ...],
    *,
    level: str | None = None,
    models: Models = "few",
) -> dict[str, tuple[Sensitivity, ...]]:
    """Estimate the change at every visit by a mixed model and among those alive.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, visit and value, one row per observed value.
    planned : tuple of str
        The visits in order of time.
    level : str, optional
        Column of the treated level of each value, for level outcomes.
    models : {"few", "always", "none"}
        Whether to fit above 5,000 patients, where a fit takes seconds, or not at all.

    Returns
    -------
    dict
        For every visit with values, the entries of its sensitivity analysis; a reason stands
        in the name where a model was not fitted.
    """
    attended = set(values["visit"].to_list())
    seen = [visit for visit in planned if visit in attended and visit != BASELINE]
    if models == "none":
        return dict.fromkeys(seen, ())
    if BASELINE not in attended:
        none = tuple(_absent(f"{name}: nothing was measured before") for name in (MIXED, ALIVE))
        return dict.fromkeys(seen, none)
    if models == "few" and values["patient_id"].n_unique() > MODEL_ON_REQUEST:
        return dict.fromkeys(seen, (_absent(ON_REQUEST),))
    columns = [values[name].to_numpy() for name in ("value", "visit", "patient_id")]
    levels = values[level].to_numpy() if level else None
    mixed = mixed_model(*columns, order=planned, levels=levels)
    alive = among_alive(*columns, order=planned, levels=levels)
    return {
        visit: (_entry(MIXED, MIXED_IS, mixed, visit), _entry(ALIVE, ALIVE_IS, alive, visit))
        for visit in seen
    }


def _absent(name: str) -> Sensitivity:
    return Sensitivity(name, None, None, None, None)


def _entry(name: str, what: str, model: VisitModel, visit: str) -> Sensitivity:
    change = next((change for change in model.changes if change.visit == visit), None)
    if change is None:
        return _absent(f"{name}: {model.refused}")
    few = change.n_patients < MODEL_PATIENTS
    warned = f"; fewer than {MODEL_PATIENTS} patients here, its errors are too small" if few else ""
    return Sensitivity(
        f"{name} {what}{warned}", change.p, change.estimate, change.ci_low, change.ci_high
    )
