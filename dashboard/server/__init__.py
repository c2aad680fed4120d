"""How the dashboard reaches a browser, and the parts of Streamlit that this needs."""
