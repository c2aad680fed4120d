"""The course notebook: its runs, the way between them, what it prints, its slips, its model."""
