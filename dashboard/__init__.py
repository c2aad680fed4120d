"""The dashboard, in Streamlit.

A plain Streamlit script runs on a thread for each visitor. The first comes through here, whatever
module it asks for, and the others wait until all is imported: none meets a module half made.
"""

import dashboard.main  # noqa: F401
