"""What a model of every observed value says about each visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from queries.statistics.limits import MODEL_PATIENTS

if TYPE_CHECKING:
    from queries.statistics.observed import Observed
    from queries.statistics.results import FloatArray

Assumption = Literal["as if nobody had died; missing at random", "among those alive"]
Spread = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class VisitChange:
    """Estimated change from baseline at one visit, with its Wald interval and P."""

    visit: str
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p: float
    n_patients: int


@dataclass(frozen=True)
class VisitModel:
    """A model of every observed value, or the reason in words why there is none.

    Notes
    -----
    `assumption` must stand beside every number. `sd_patient`, `sd_level` and `sd_residual`
    are those of the mixed model; None elsewhere, `sd_level` also without levels.
    """

    method: str
    assumption: Assumption
    changes: tuple[VisitChange, ...]
    ci_level: float
    n_patients: int
    n_levels: int | None
    n_values: int
    sd_patient: float | None
    sd_level: float | None
    sd_residual: float | None
    notes: tuple[str, ...]
    refused: str | None


def visit_changes(
    data: Observed, beta: FloatArray, errors: FloatArray, confidence: float
) -> tuple[VisitChange, ...]:
    """Give the coefficients after the first as changes, with Wald z intervals and P.

    Parameters
    ----------
    data
        What the model was fitted to.
    beta, errors
        Coefficients and their standard errors, shape (visits,), baseline first.
    confidence
        Level of the intervals.

    Returns
    -------
    tuple of VisitChange
        In the order of the visits.
    """
    z = float(ndtri((1 + confidence) / 2))
    return tuple(
        VisitChange(
            visit=data.visits[place],
            estimate=float(beta[place]),
            std_error=float(errors[place]),
            ci_low=float(beta[place] - z * errors[place]),
            ci_high=float(beta[place] + z * errors[place]),
            p=2 * float(ndtr(-abs(beta[place] / errors[place]))),
            n_patients=np.unique(data.patient[data.visit == place]).size,
        )
        for place in range(1, len(data.visits))
    )


def visit_model(
    data: Observed,
    method: str,
    assumption: Assumption,
    changes: tuple[VisitChange, ...],
    confidence: float,
    *,
    spread: Spread = (None, None, None),
    refused: str | None = None,
) -> VisitModel:
    """Put a model's answer, or the reason why there is none, into its result.

    Parameters
    ----------
    data
        What the model was fitted to.
    method, assumption, changes, confidence
        As the result has them.
    spread
        Standard deviations of patients, levels and residual.
    refused
        Reason in words.

    Returns
    -------
    VisitModel
        With a note where a visit has fewer than 10 patients.
    """
    few = [change.visit for change in changes if change.n_patients < MODEL_PATIENTS]
    warning = f"fewer than {MODEL_PATIENTS} patients at {', '.join(few)}: errors are too small"
    return VisitModel(
        method=method,
        assumption=assumption,
        changes=changes,
        ci_level=confidence,
        n_patients=data.n_patients,
        n_levels=data.n_levels,
        n_values=data.values.size,
        sd_patient=spread[0],
        sd_level=spread[1],
        sd_residual=spread[2],
        notes=(warning,) if few else (),
        refused=refused,
    )
