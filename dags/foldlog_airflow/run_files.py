"""The files of a run, named after it."""

from __future__ import annotations

import re
import time
from pathlib import Path

KEPT_DAYS = 30


def file_name(run_id: str) -> str:
    """The run's id as a part of a file's name: what such a name may not hold is an underscore."""
    return re.sub(r"[^\w.+-]", "_", run_id)


def folder_of(reports: Path, name: str) -> Path:
    """A folder for a file of each run; those of runs 30 days ago are removed."""
    folder = reports / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if time.time() - file.stat().st_mtime > KEPT_DAYS * 24 * 3600:
            file.unlink(missing_ok=True)
    return folder
