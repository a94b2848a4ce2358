"""Processes that end with their parent, and adoption of orphans. Linux only: other platforms do nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# loaded at import, because no library may be loaded between fork and exec
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def end_with_parent(with_signal: signal.Signals, parent: int | None = None) -> None:
    """Asks the kernel to send the signal to this process when its parent ends. Survives exec.

    :param parent: process id of the parent; required between fork and exec, when the parent may have ended
    """
    expected = os.getppid() if parent is None else parent
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != expected:
            os.kill(os.getpid(), with_signal)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose parent has ended (subreaper)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
