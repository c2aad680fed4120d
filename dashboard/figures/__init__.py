"""Values -> plotly figures, as plain dicts."""
