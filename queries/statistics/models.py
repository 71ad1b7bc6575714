"""Every observed value against baseline: as if nobody had died, and among those alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.gee import gee_independence
from queries.statistics.labels import dummies
from queries.statistics.limits import CONFIDENCE
from queries.statistics.observed import observed, why_no_model, why_not_mixed
from queries.statistics.reml import fit_reml
from queries.statistics.visit_model import VisitChange, VisitModel, visit_changes, visit_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from queries.statistics.visit_model import Assumption

__all__ = ["VisitChange", "VisitModel", "among_alive", "mixed_model"]

SMALLEST_ERROR = 1e-12


def mixed_model(
    values: ArrayLike,
    visits: ArrayLike,
    patients: ArrayLike,
    *,
    order: Sequence[str],
    levels: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> VisitModel:
    """Estimate the change from baseline at every visit from all values, as if nobody had died.

    Parameters
    ----------
    values
        Every observed value, shape (n,), in the outcome's unit, finite.
    visits, patients
        Of each value, shape (n,).
    order
        All visits, baseline first; those without values are left out.
    levels
        Of each value, shape (n,); None for outcomes of patients.
    confidence
        Level of the intervals, between 0 and 1.

    Returns
    -------
    VisitModel
        Refused below 10 patients, without two values of any patient (or level), and where
        the fit does not converge.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or a visit is not in `order`.

    Notes
    -----
    Linear mixed model [1]_: visit as category, random intercept per patient and per level
    within the patient, restricted maximum likelihood, Wald z intervals, as ``lme4::lmer`` with
    ``confint(method = "Wald")``. Values missing at random are as if filled in by the model,
    also those after a death: it describes a world in which nobody dies. The intercepts do not
    hold levels together that change alike: with 31 patients, 64 levels and an intracluster
    correlation of 0.43 of the changes, P is below 0.05 without an effect in 14 % of samples.

    References
    ----------
    .. [1] Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics
       1982;38:963-974.

    Examples
    --------
    >>> values = [8, 3, 9, 5, 7, 2, 8, 4, 9, 3, 6, 2, 8, 5, 9, 4, 7, 3, 8, 2]
    >>> model = mixed_model(values, ["pre", "6m"] * 10, [i // 2 for i in range(20)],
    ...                     order=("pre", "6m"))
    >>> round(model.changes[0].estimate, 6)
    -4.6
    """
    data = observed(values, visits, patients, levels, order)
    method = "linear mixed model, REML, Wald"
    assumption: Assumption = "as if nobody had died; missing at random"
    refused = why_not_mixed(data, order[0])
    if refused:
        return visit_model(data, method, assumption, (), confidence, refused=refused)
    design = dummies(data.visit, len(data.visits))
    fit = fit_reml(data.values, design, data.patient, data.level)
    if fit is None:
        failed = "the mixed model did not converge, as where every patient changed by the same"
        return visit_model(data, method, assumption, (), confidence, refused=failed)
    changes = visit_changes(data, fit.beta, np.sqrt(np.diag(fit.covariance)), confidence)
    of_level = None if data.level is None else fit.sd[1]
    spread = (fit.sd[0], of_level, fit.sd[2])
    return visit_model(data, method, assumption, changes, confidence, spread=spread)


def among_alive(
    values: ArrayLike,
    visits: ArrayLike,
    patients: ArrayLike,
    *,
    order: Sequence[str],
    levels: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> VisitModel:
    """Estimate the change of the mean from baseline to those alive at every visit.

    Parameters
    ----------
    values, visits, patients, order, levels, confidence
        As for `mixed_model`; levels are only counted, their patients are the clusters.

    Returns
    -------
    VisitModel
        Refused below 10 patients and without variation.

    Raises
    ------
    ValueError
        As `mixed_model`.

    Notes
    -----
    Generalized estimating equations with independence as working correlation and robust
    errors [1]_, as ``geepack::geeglm(corstr = "independence", std.err = "san.se")``. Another
    working correlation would fill in the dead from their earlier values.

    References
    ----------
    .. [1] Kurland BF, Heagerty PJ. Directly parameterized regression conditioning on being
       alive: analysis of longitudinal data truncated by deaths. Biostatistics 2005;6:241-258.

    Examples
    --------
    >>> values = [8, 3, 9, 5, 7, 2, 8, 4, 9, 3, 6, 2, 8, 5, 9, 4, 7, 3, 8, 2]
    >>> model = among_alive(values, ["pre", "6m"] * 10, [i // 2 for i in range(20)],
    ...                     order=("pre", "6m"))
    >>> round(model.changes[0].estimate, 6)
    -4.6
    """
    data = observed(values, visits, patients, levels, order)
    method = "GEE, independence, robust errors"
    assumption: Assumption = "among those alive"
    refused = why_no_model(data, order[0], "a GEE")
    if refused:
        return visit_model(data, method, assumption, (), confidence, refused=refused)
    fit = gee_independence(data.values, dummies(data.visit, len(data.visits)), data.patient)
    errors = np.sqrt(np.diag(fit.covariance))
    if errors[1:].min() <= SMALLEST_ERROR * np.ptp(data.values):
        still = "no variation: every patient changed by the same"
        return visit_model(data, method, assumption, (), confidence, refused=still)
    changes = visit_changes(data, fit.beta, errors, confidence)
    return visit_model(data, method, assumption, changes, confidence)
