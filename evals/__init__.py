"""Measurements of AskSeoul: quality, speed, robustness and the web page."""
