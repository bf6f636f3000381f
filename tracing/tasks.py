"""Celery shells of the trace."""
