"""Processes that a task starts: they end with it, and get none of Airflow's secrets."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

from .parent_death import end_with_parent

ORDERLY_END_SECONDS = 40

def options(working_directory: os.PathLike[str]) -> dict[str, Any]:
    """Popen's arguments for a process that is killed when the task's process ends, however it does.

    The kernel does the killing, where the platform is Linux.
    """
    parent = os.getpid()
    return {
        "cwd": working_directory,
        "env": {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "stdin": subprocess.DEVNULL,
        "preexec_fn": lambda: end_with_parent(signal.SIGKILL, parent),
    }


def end(process: subprocess.Popen[str]) -> None:
    """Asks the process to end in order and waits for it; kills it when it takes too long."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(ORDERLY_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
