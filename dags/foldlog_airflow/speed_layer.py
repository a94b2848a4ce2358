"""What the speed layer says of itself: once a second in its status file, at its end in its result file."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

from . import results


@dataclass(frozen=True)
class Status:
    """Its words."""

    updated: float
    """when it said so, in seconds since 1970"""
    lag: int
    """records of the log that it has not written yet"""


def read(file: Path) -> Status | None:
    """Its last words; None when it has never said any."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    updated = datetime.datetime.fromisoformat(document["updated"].replace("Z", "+00:00"))
    return Status(updated.timestamp(), document["lag"])


def ended(file: Path, since: float) -> results.Result | None:
    """What it left at its end; None when it has not ended since then, or was killed.

    :param since: when it was started, in seconds since 1970
    """
    try:
        written = file.stat().st_mtime
    except FileNotFoundError:
        return None
    return results.read(file) if written >= since else None
