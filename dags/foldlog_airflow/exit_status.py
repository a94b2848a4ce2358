"""How an application ended, and what Airflow makes of it."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Iterable

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from .results import Result


class ExitStatus(IntEnum):
    """The same numbers as every application's (docs/runbook.md)."""

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


KILLED = 137
"""SIGKILL, of the kernel for want of memory or of a person; no application ends with it."""

# ours, and that of Spark where it was not told of ours
_LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\dT|\d\d/\d\d/\d\d )\d\d:\d\d:\d\d")
_STACK_LINE = re.compile(r"\s*(at \S+\(|\.\.\. \d+ more|Caused by: |Suppressed: |\{\})")
_EXCEPTION = re.compile(r"[\w.$]+(Exception|Error)\b")
_HINT = re.compile(r"Try '.* --help'\.")


def shell_status(returncode: int) -> int:
    """The status as a shell says it, of a process that a signal may have ended."""
    return 128 - returncode if returncode < 0 else returncode


def name_of(status: int) -> str:
    """The status in words."""
    if status == KILLED:
        return "killed"
    if status in {int(known) for known in ExitStatus}:
        return ExitStatus(status).name.lower().replace("_", " ")
    return "unknown"


def last_sentence(lines: Iterable[str]) -> str:
    """What an application said last to a person: its one sentence, or a bug's exception."""
    said = [line.strip() for line in lines if line.strip()]
    plain = [
        line
        for line in said
        if not (_LOG_LINE.match(line) or _STACK_LINE.match(line) or _HINT.match(line))
    ]
    exceptions = [line for line in plain if _EXCEPTION.match(line)]
    if exceptions and said and _STACK_LINE.match(said[-1]):
        return exceptions[-1]
    if plain:
        return plain[-1]
    return said[-1] if said else "It said nothing."


def failure(
    what: str, returncode: int, lines: Iterable[str], result: Result | None = None
) -> AirflowException:
    """The exception to end a task with: one that is tried again only where that can help.

    :param what: the application and what it was to do
    :param returncode: of its process, not 0
    :param lines: what it wrote last, of which a sentence is taken where it left no message
    :param result: its result file, unless it was killed
    """
    status = shell_status(returncode)
    said = result.message if result and result.message else last_sentence(lines)
    sentence = f"{what} ended with {status} ({name_of(status)}): {said}"
    if result:
        retryable = result.retryable
    else:
        known = name_of(status) != "unknown"
        retryable = status == KILLED or (known and ExitStatus(status).worth_retry)
    return AirflowException(sentence) if retryable else AirflowFailException(sentence)
