"""Processes that end with their parent, and orphans that become children; by the kernel of Linux."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# loaded here, because nothing may be loaded between fork and exec
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def end_with_parent(with_signal: signal.Signals, parent: int | None = None) -> None:
    """Has the kernel send the signal to this process when its parent ends; kept across exec.

    :param parent: its process id where this is called between fork and exec, when it may have ended
    """
    expected = os.getppid() if parent is None else parent
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != expected:
            os.kill(os.getpid(), with_signal)


def adopt_orphans() -> None:
    """Makes descendants whose parent ends children of this process."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
