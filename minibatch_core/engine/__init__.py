"""From data and settings to runs and loss surfaces."""
