"""Files that are named after a DAG run."""

from __future__ import annotations

import re
import time
from pathlib import Path

RETENTION_DAYS = 30


def file_name(run_id: str) -> str:
    """The run id as part of a file name: characters that are not allowed there become underscores."""
    return re.sub(r"[^\w.+-]", "_", run_id)


def folder_of(reports: Path, name: str) -> Path:
    """A folder with a file for each run. Removes files older than 30 days."""
    folder = reports / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if time.time() - file.stat().st_mtime > RETENTION_DAYS * 24 * 3600:
            file.unlink(missing_ok=True)
    return folder
