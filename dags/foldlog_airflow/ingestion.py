"""What a run of user_automation asks of the producer."""

from __future__ import annotations

import math
from typing import Any, Mapping

from airflow.sdk.exceptions import AirflowFailException

from . import deployment
from .run_files import file_name, folder_of

MOST_EVENTS = 100_000
"""Of one run: what the check of its acknowledged events holds in memory."""


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
            f" {MOST_EVENTS:,}: trigger it with less, or use ./foldlog produce."
        )
    return events


def acknowledged_file(run_id: str) -> str:
    """Where the run's producer notes what the log has acknowledged; older runs' files are removed."""
    return str(folder_of(deployment.load().reports, "acknowledged") / f"{file_name(run_id)}.jsonl")
