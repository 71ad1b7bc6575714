"""Who may load data through the page: until there is sign-in, those on the same computer."""

from __future__ import annotations

import ipaddress
import os

import streamlit as st

ALLOW = "KYPHO_ALLOW_IMPORT"
FORWARDED = ("X-Forwarded-For", "Forwarded")
REFUSED = (
    "This dashboard can be reached from other computers and has no sign-in yet, so it takes no "
    "files here: anybody could replace the registry. Import on the computer where the registry "
    "lies with `python -m data.ingest SOURCE`, or have the dashboard listen there alone "
    '(`address = "127.0.0.1"` in .streamlit/config.toml). Where others are kept out by other '
    f"means, whoever runs the dashboard can allow the import with `export {ALLOW}=yes` before "
    "the start."
)


def may_import() -> bool:
    """Tell whether the page takes files: on the loopback address, or where a setting allows it."""
    if os.environ.get(ALLOW, "").strip().lower() == "yes":
        return True
    return _is_loopback(st.get_option("server.address")) and not _is_forwarded()


def _is_loopback(address: str | None) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _is_forwarded() -> bool:
    """Tell whether the request came through a proxy, that is from elsewhere."""
    return any(name in st.context.headers for name in FORWARDED)
