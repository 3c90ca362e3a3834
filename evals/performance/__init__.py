"""Measurements of time and memory, as ratios of commands that take turns in one run."""
