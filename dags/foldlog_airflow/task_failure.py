"""The exception that a task ends with when its application has failed."""

from __future__ import annotations

import re
from typing import Iterable

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from .exit_status import ExitStatus
from .results import Result

KILLED = 137
"""SIGKILL, by the kernel for want of memory or by a person; no application exits with it."""

# ours, and that of Spark where ours is not configured
_LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\dT|\d\d/\d\d/\d\d )\d\d:\d\d:\d\d")
_STACK_LINE = re.compile(r"\s*(at \S+\(|\.\.\. \d+ more|Caused by: |Suppressed: |\{\})")
_EXCEPTION = re.compile(r"[\w.$]+(Exception|Error)\b")
_HINT = re.compile(r"Try '.* --help'\.")


def shell_status(returncode: int) -> int:
    """The exit status as a shell reports it, of a process that a signal may have ended."""
    return 128 - returncode if returncode < 0 else returncode


def name_of(status: int) -> str:
    """The name of an exit status; KILLED and UNKNOWN are none of the applications'."""
    if status == KILLED:
        return "KILLED"
    return ExitStatus(status).name if status in {int(known) for known in ExitStatus} else "UNKNOWN"


def last_message(lines: Iterable[str]) -> str:
    """The last error message that an application printed, or the exception of an internal error."""
    printed = [line.strip() for line in lines if line.strip()]
    plain = [
        line
        for line in printed
        if not (_LOG_LINE.match(line) or _STACK_LINE.match(line) or _HINT.match(line))
    ]
    exceptions = [line for line in plain if _EXCEPTION.match(line)]
    if exceptions and printed and _STACK_LINE.match(printed[-1]):
        return exceptions[-1]
    if plain:
        return plain[-1]
    return printed[-1] if printed else "It printed nothing."


def failure(
    application: str, returncode: int, lines: Iterable[str], result: Result | None = None
) -> AirflowException:
    """The exception to end a task with; Airflow retries the task only where that can help.

    :param application: with its command, for the message
    :param returncode: of its process, not 0
    :param lines: the end of its output, which is searched where it left no message
    :param result: its result file, unless it was killed
    """
    status = shell_status(returncode)
    reason = result.message if result and result.message else last_message(lines)
    message = f"{application} exited with {name_of(status)} ({status}): {reason}"
    if result:
        retryable = result.retryable
    else:
        known = name_of(status) != "UNKNOWN"
        retryable = status == KILLED or (known and ExitStatus(status).retryable)
    return AirflowException(message) if retryable else AirflowFailException(message)
