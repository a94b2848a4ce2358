"""Temporary folders in a shared folder. A process locks its folder; it is removed after the process ends."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path


def claim(shared: Path, name: str) -> Path:
    """Creates an empty folder in `shared` for this process, and removes the folders of ended processes.

    The lock on the folder survives exec.
    """
    shared.mkdir(parents=True, exist_ok=True)
    shared_lock = os.open(shared, os.O_RDONLY)
    try:
        # exclusive, so that no process removes a folder that another has created but not locked yet
        fcntl.flock(shared_lock, fcntl.LOCK_EX)
        for folder in shared.iterdir():
            _remove_unless_locked(folder)
        claimed = shared / name
        claimed.mkdir()
        lock = os.open(claimed, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # inherited by exec: the lock ends with this process
        os.set_inheritable(lock, True)
        return claimed
    finally:
        os.close(shared_lock)


def share(folder: Path) -> None:
    """Keeps the contents of the folder until this process ends, also after exec. Does nothing if it does not exist."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    fcntl.flock(lock, fcntl.LOCK_SH)
    os.set_inheritable(lock, True)


def clear(folder: Path) -> None:
    """Creates the folder, or removes what killed processes left in it, unless a process shares it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except BlockingIOError:
        pass
    finally:
        os.close(lock)


def _remove_unless_locked(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)
