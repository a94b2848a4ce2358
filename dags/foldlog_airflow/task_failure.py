"""The exception of a task whose application has failed."""

from __future__ import annotations

import re
from typing import Iterable

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from .exit_status import ExitStatus
from .results import Result

KILLED = 137
"""SIGKILL, by the kernel's out-of-memory killer or by a person. No application exits with it."""

# the format of log4j2.properties, and Spark's default format
_LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\dT|\d\d/\d\d/\d\d )\d\d:\d\d:\d\d")
_STACK_LINE = re.compile(r"\s*(at \S+\(|\.\.\. \d+ more|Caused by: |Suppressed: |\{\})")
_EXCEPTION = re.compile(r"[\w.$]+(Exception|Error)\b")
_HINT = re.compile(r"Try '.* --help'\.")


def shell_status(returncode: int) -> int:
    """The exit status as a shell reports it: 128 + N after signal N."""
    return 128 - returncode if returncode < 0 else returncode


def name_of(status: int) -> str:
    """The name of an exit status. No application exits with KILLED or UNKNOWN."""
    if status == KILLED:
        return "KILLED"
    return ExitStatus(status).name if status in {int(known) for known in ExitStatus} else "UNKNOWN"


def last_message(lines: Iterable[str]) -> str:
    """The last error message that an application printed, or the exception of an internal error."""
    printed = [line.strip() for line in lines if line.strip()]
    messages = [
        line
        for line in printed
        if not (_LOG_LINE.match(line) or _STACK_LINE.match(line) or _HINT.match(line))
    ]
    exceptions = [line for line in messages if _EXCEPTION.match(line)]
    if exceptions and printed and _STACK_LINE.match(printed[-1]):
        return exceptions[-1]
    if messages:
        return messages[-1]
    return printed[-1] if printed else "It printed nothing."


def failure(
    application: str, returncode: int, lines: Iterable[str], result: Result | None = None
) -> AirflowException:
    """The exception to raise: AirflowException if the failure is retryable, else AirflowFailException.

    :param application: name and command of the application, for the message
    :param returncode: of its process, not 0
    :param lines: the end of its output; its last message is used if the result has none
    :param result: its result file; None if it was killed
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
