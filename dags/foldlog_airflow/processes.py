"""Processes that a task starts: they end with it, and get none of Airflow's secrets."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from typing import Any

ORDERLY_END_SECONDS = 40

_PR_SET_PDEATHSIG = 1
# loaded here, because between fork and exec nothing may be
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def options(working_directory: os.PathLike[str]) -> dict[str, Any]:
    """Popen's arguments for a process that is killed when the task's process ends, however it does.

    The kernel does the killing, where the platform is Linux.
    """
    parent = os.getpid()

    def end_with_task() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return {
        "cwd": working_directory,
        "env": {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "stdin": subprocess.DEVNULL,
        "preexec_fn": end_with_task,
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
