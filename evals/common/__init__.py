"""Shared by measurements and tests: paths and readers of data, servers, sample files, and balanced accuracy."""
