"""The dashboard, in Streamlit.

A plain Streamlit script runs on a thread for each visitor, and may begin with any page's file. So
each page imports this package before a part of it: the first visitor imports all, and the others
wait here. Two threads that began with two parts would each wait for what the other holds, and
Python would give them modules half made.
"""

import dashboard.main  # noqa: F401
