"""Pearson's χ² of a table of levels, corrected for their patients by Rao and Scott."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtrc

from queries.statistics.labels import counted

if TYPE_CHECKING:
    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

NO_VARIATION = 1e-12


@dataclass(frozen=True)
class RaoScott:
    """F with its broken degrees of freedom, and P."""

    statistic: float
    df: float
    df_error: float
    p: float


def rao_scott(outcomes: BoolArray, groups: ClusterArray, patients: ClusterArray) -> RaoScott | None:
    """Test whether the rates of groups of levels are the same, levels of a patient being alike.

    Parameters
    ----------
    outcomes
        Shape (n,), neither all true nor all false.
    groups, patients
        Of each level, from 0, every group with a level, shape (n,).

    Returns
    -------
    RaoScott or None
        None where the groups' rates do not vary between patients at all.

    Notes
    -----
    Second-order correction with Satterthwaite's degrees of freedom [1]_, as
    ``survey::svychisq(~ outcome + group, svydesign(~ patient), statistic = "F")``.

    References
    ----------
    .. [1] Rao JNK, Scott AJ. On chi-squared tests for multiway contingency tables with cell
       proportions estimated from survey data. Annals of Statistics 1984;12:46-60.

    Examples
    --------
    >>> rows = np.arange(40)
    >>> test = rao_scott(rows % 3 == 0, rows % 2, rows // 4)
    >>> test.df, test.df_error
    (1.0, 9.0)
    """
    n, k, n_patients = outcomes.size, int(groups.max()) + 1, int(patients.max()) + 1
    cells = counted(patients, groups + k * outcomes, (n_patients, 2 * k))
    share = cells.sum(axis=0) / n
    influence = (cells - cells.sum(axis=1, keepdims=True) * share) / n
    covariance = influence.T @ influence * (n_patients / (n_patients - 1))
    contrast = _interactions(k)
    inverse = np.divide(1, share, out=np.zeros(2 * k), where=share > 0)
    scaled = inverse[:, None] * contrast
    ratio = np.linalg.solve(contrast.T @ scaled / n, scaled.T @ covariance @ scaled)
    mean, squares = float(np.trace(ratio)), float(np.trace(ratio @ ratio))
    if mean <= NO_VARIATION:
        return None
    statistic, df = _pearson(share.reshape(2, k) * n) / mean, mean**2 / squares
    df_error = df * (n_patients - 1)
    return RaoScott(statistic, df, df_error, float(fdtrc(df, df_error, statistic)))


def _interactions(k: int) -> FloatArray:
    outcome, group = np.divmod(np.arange(2 * k), k)
    columns = [(group == g) * 1.0 for g in range(k)]
    main = np.column_stack((*columns, outcome))
    crossed = np.column_stack([column * outcome for column in columns[1:]])
    residuals: FloatArray = crossed - main @ np.linalg.lstsq(main, crossed)[0]
    return residuals


def _pearson(table: FloatArray) -> float:
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())
