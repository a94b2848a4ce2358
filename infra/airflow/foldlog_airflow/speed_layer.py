"""What the running speed layer says of itself, once a second, in its status file."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path


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
