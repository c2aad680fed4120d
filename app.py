"""The server: what `streamlit run app.py` runs, around the dashboard's main script.

Where a host does not find the ASGI app in this file and runs it as a plain Streamlit script, the
dashboard is the same; only what the server adds is missing: warm-up, compression, security headers.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from dashboard.server.delivery import Delivery
from dashboard.server.undocumented import (
    run_all_for_unknown_fragments,
    send_small_packets_at_once,
)

MAIN = Path(__file__).parent / "dashboard" / "main.py"


@asynccontextmanager
async def warm_up(_: st.App) -> AsyncIterator[None]:
    """Before the first visitor: compile the kernels, cut plotly.js, freeze what will stay."""
    from dashboard.server import assets
    from dashboard.server.frozen import freeze
    from dashboard.server.openings import compute_openings

    send_small_packets_at_once()
    assets.register()
    compute_openings()
    freeze("warm-up")
    # A full collection walks what every session holds. Rarer ones brought the 95th percentile of a
    # rerun among 200 students from 648 ms to 232 ms, for 17 MB.
    gc.set_threshold(50_000, 20, 50)
    yield
    assets.clear_away()


def tell_visitor(_: Exception) -> bool:
    """Show a sentence in place of an error in a page, whose trace is in the log."""
    st.error(
        "This page can't be shown at these settings. Go back, or open it without what follows "
        "the ? in its address. Whoever runs this server finds the reason in its log."
    )
    return True  # Streamlit need not show more


run_all_for_unknown_fragments()
if st.runtime.exists():
    from dashboard.main import draw

    draw()
else:
    app = st.App(
        MAIN, lifespan=warm_up, middleware=[Middleware(Delivery)], on_script_error=tell_visitor
    )
