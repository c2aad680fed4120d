"""Lessons: a Markdown file each, whose steps ask, look at the student's own run."""
