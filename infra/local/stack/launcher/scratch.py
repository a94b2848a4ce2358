"""Folders of processes that share one place and keep nothing: each ends with its process, whatever ended it."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path


def claim(shared: Path, name: str) -> Path:
    """An empty folder in `shared` for this process and what it becomes; folders that nobody holds are removed."""
    shared.mkdir(parents=True, exist_ok=True)
    turn = os.open(shared, os.O_RDONLY)
    try:
        # one at a time, so that nobody removes what another is about to hold
        fcntl.flock(turn, fcntl.LOCK_EX)
        for folder in shared.iterdir():
            _remove_unless_held(folder)
        own = shared / name
        own.mkdir()
        held = os.open(own, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        # until the last program that this process becomes has ended
        os.set_inheritable(held, True)
        return own
    finally:
        os.close(turn)


def _remove_unless_held(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)
