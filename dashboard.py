"""The dashboard of a spine department: ``streamlit run dashboard.py``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Thread
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route

from pages.shared.security import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import, answer and draw while the first visitor's browser still loads."""
    Thread(target=_warm, name="warm", daemon=True).start()
    yield


def _warm() -> None:
    from pages.shared.ahead import AHEAD
    from pages.shared.warming import warm

    warm()
    AHEAD.start()


def on_script_error(_error: Exception) -> bool:
    """Show a sentence instead of a traceback."""
    from pages.shared.sentences import SOMETHING_FAILED

    st.error(SOMETHING_FAILED)
    return True


async def to_start(request: Request) -> RedirectResponse:
    """Send the start page's own name to the start page, its filter kept."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    routes=[Route("/overview", to_start)],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=on_script_error,
)
