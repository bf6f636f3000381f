"""Reads and writes of the trace for pages, API, tasks and commands."""
