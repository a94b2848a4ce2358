"""Failures a person can act on, and the exit statuses every application shares."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ended; the same numbers as the Java applications' (docs/runbook.md)."""

    DONE = 0
    BUG = 1
    REFUSED = 2
    RECORD_CHANGED = 3
    DESTRUCTIVE_LIMIT = 4
    UNYIELDING_DRIFT = 5
    UNAVAILABLE = 6
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def worth_retry(self) -> bool:
        return self in (ExitStatus.UNAVAILABLE, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED)


class Failure(Exception):
    """One sentence that says what is wrong, where, and what to do; ends the command."""

    def __init__(self, sentence: str, status: int = ExitStatus.REFUSED) -> None:
        super().__init__(sentence)
        self.status = status
