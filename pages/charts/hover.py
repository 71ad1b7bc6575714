"""What stands in a chart only while the pointer does, so that a filter draws without it."""

from __future__ import annotations

from typing import Any

import altair as alt

NEAR = "near"
POINTED_AT = f"length(data('{NEAR}_store'))"


def ground() -> Any:
    """Return an unseen mark over the whole plot that notices the pointer."""
    near = alt.selection_point(
        name=NEAR, fields=["data"], on="rect:pointerover", clear="view:pointerleave"
    )
    return (
        alt.Chart(alt.sequence(1))
        .mark_rect(opacity=0)
        .encode(x=alt.value(0), x2=alt.value("width"), y=alt.value(0), y2=alt.value("height"))
        .add_params(near)
    )
