"""The steps of an import above each of them, and how a step is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.upload import STEPS, current, forget
from pages.shared.wording import plain

if TYPE_CHECKING:
    from pages.shared.upload import Step, Upload


def steps(upload: Upload | None) -> None:
    """Draw the steps; those that were reached can be opened."""
    now: Step = "upload" if upload is None else upload.step
    with st.container(horizontal=True, vertical_alignment="center", key="import_steps"):
        for step, label in STEPS.items():
            st.button(
                label,
                key=f"upload.step_{step}",
                type="primary" if step == now else "secondary",
                disabled=step != now and (upload is None or step not in upload.reached),
                on_click=go,
                args=(step,),
            )
        if upload is not None:
            st.space("stretch")
            if st.button(
                "Cancel",
                key="upload.cancel",
                type="tertiary",
                help="Drop what was uploaded; the registry stays as it is",
            ):
                forget()
                st.rerun()


def go(step: Step) -> None:
    """Open a step."""
    upload = current()
    if upload is not None:
        upload.step = step


def onward(step: Step, label: str, *, ready: bool = True, place: str = "above") -> None:
    """Draw the button that leads to the next step."""
    st.button(
        label,
        key=f"upload.to_{step}_{place}",
        type="primary",
        disabled=not ready,
        on_click=go,
        args=(step,),
    )


def problem(sentence: str) -> None:
    """Say what went wrong and what to do about it."""
    st.error(plain(sentence), icon=":material/error:")
