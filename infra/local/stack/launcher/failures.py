"""Failures with a message that says what to do."""

from __future__ import annotations

from foldlog_airflow.exit_status import ExitStatus

__all__ = ["ExitStatus", "Failure"]


class Failure(Exception):
    """A message that says what failed, where, why and what to do. The command exits with the status."""

    def __init__(self, message: str, status: int = ExitStatus.USAGE_ERROR) -> None:
        super().__init__(message)
        self.status = status
