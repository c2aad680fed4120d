"""Settings and runs as what a student takes away."""
