"""The exit statuses of every application (docs/runbook.md)."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The same names and numbers as in Java."""

    SUCCESS = 0
    INTERNAL_ERROR = 1
    USAGE_ERROR = 2
    STATE_MISMATCH = 3
    REPAIR_LIMIT_EXCEEDED = 4
    UNRESOLVED_DRIFT = 5
    UNAVAILABLE = 6
    RESOURCE_EXHAUSTED = 7
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def retryable(self) -> bool:
        """Whether the same run may succeed when it is started again, with nothing changed."""
        return self in (ExitStatus.UNAVAILABLE, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED)
