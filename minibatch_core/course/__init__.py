"""The course notebook: its runs, what it prints, its slips, its Dataset and model."""
