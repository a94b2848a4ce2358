"""What a run of user_automation asks of the producer."""

from __future__ import annotations

import math
import time
from typing import Any, Mapping

from airflow.sdk.exceptions import AirflowFailException

from . import deployment
from .run_files import file_name

MOST_EVENTS = 100_000
"""Of one run: what the check of its acknowledged events holds in memory."""

KEPT_DAYS = 30


def total_events(params: Mapping[str, Any]) -> int:
    """How many events a run records: so many at its start, and again after each interval.

    A number, not a duration, ends the producer, so that a run that is tried again records the very
    same events.
    """
    times = math.ceil(round(params["duration"] / params["interval"], 6))
    events = params["count"] * times
    if events > MOST_EVENTS:
        raise AirflowFailException(
            f"count={params['count']} every interval={params['interval']} s for"
            f" duration={params['duration']} s are {events:,} events, and a run may record"
            f" {MOST_EVENTS:,}: trigger it with less, or use make produce."
        )
    return events


def acknowledged_file(run_id: str) -> str:
    """Where the run's producer notes what the log has acknowledged; older runs' files are removed."""
    folder = deployment.load().reports / "acknowledged"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.jsonl"):
        if time.time() - file.stat().st_mtime > KEPT_DAYS * 24 * 3600:
            file.unlink(missing_ok=True)
    return str(folder / f"{file_name(run_id)}.jsonl")
