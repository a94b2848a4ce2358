"""The report of a nightly run, as a file and as a task result."""

from __future__ import annotations

import json
import logging
import os
from typing import Any, Mapping

from . import deployment
from .run_files import file_name

_LOG = logging.getLogger(__name__)


def publish(run_id: str, steps: Mapping[str, Any]) -> dict[str, Any]:
    """Writes the results of all steps to one report file, and returns the report.

    The report names the records that an open transaction holds back, because no step includes them.
    The file is replaced atomically.
    """
    folder = deployment.load().reports
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"nightly_reconcile-{file_name(run_id)}.json"
    held_back = _held_back(steps)
    if held_back["records"]:
        _LOG.warning("%s", held_back["message"])
    report = {
        "dag_run": run_id,
        "file": str(file),
        "held_back": held_back,
        "steps": dict(steps),
    }
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, file)
    _LOG.info("report %s", file)
    return report


def _held_back(steps: Mapping[str, Any]) -> dict[str, Any]:
    """The records held back at the last step that has read the end of the log."""
    for step in ("reconcile", "archive"):
        figures = (steps.get(step) or {}).get(step) or {}
        if "held_back" in figures:
            return figures["held_back"]
    return {"records": 0, "oldest": None, "message": ""}
