"""Processes that a task starts. They end with the task and do not receive Airflow's secrets."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

from .parent_death import end_with_parent

TERMINATE_TIMEOUT_SECONDS = 40


def options(working_directory: os.PathLike[str]) -> dict[str, Any]:
    """Popen's arguments for a process that the kernel kills when the task's process ends (Linux)."""
    parent = os.getpid()
    return {
        "cwd": working_directory,
        "env": {
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            # Java 17 takes the encoding of file names from the locale
            "LC_ALL": "C.UTF-8",
        },
        "stdin": subprocess.DEVNULL,
        "preexec_fn": lambda: end_with_parent(signal.SIGKILL, parent),
    }


def end(process: subprocess.Popen[str]) -> None:
    """Sends SIGTERM and waits for the end; sends SIGKILL after 40 seconds."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(TERMINATE_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
