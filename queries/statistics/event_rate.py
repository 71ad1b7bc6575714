"""How often something happened in the time that patients were observed."""

from __future__ import annotations

from scipy.stats import chi2

from queries.statistics.limits import CONFIDENCE
from queries.statistics.results import Estimate

PER_YEARS = 100


def event_rate(k: int, patient_years: float, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Give the events per 100 patient-years with their exact interval.

    Parameters
    ----------
    k
        Events counted, at least 0.
    patient_years
        Time under observation of all patients together.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate or None
        None where no time was observed.

    Notes
    -----
    Exact Poisson limits from the χ² distribution [1]_, as ``poisson.test(k, patient_years)``.
    Without an event the upper limit is that of the two-sided interval.

    References
    ----------
    .. [1] Garwood F. Fiducial limits for the Poisson distribution. Biometrika
       1936;28:437-442.

    Examples
    --------
    >>> rate = event_rate(3, 30.0)
    >>> rate.value, round(rate.ci_low, 3), round(rate.ci_high, 3)
    (10.0, 2.062, 29.224)
    """
    if patient_years <= 0:
        return None
    tail, scale = (1 - confidence) / 2, PER_YEARS / patient_years
    low = float(chi2.ppf(tail, 2 * k)) / 2 if k else 0.0
    high = float(chi2.ppf(1 - tail, 2 * k + 2)) / 2
    name = f"events per {PER_YEARS} patient-years"
    return Estimate(name, k * scale, low * scale, high * scale, confidence)
