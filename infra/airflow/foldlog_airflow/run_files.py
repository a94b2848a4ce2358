"""The files of a run, named after it."""

from __future__ import annotations

import re


def file_name(run_id: str) -> str:
    """The run's id as a part of a file's name: what such a name may not hold is an underscore."""
    return re.sub(r"[^\w.+-]", "_", run_id)
