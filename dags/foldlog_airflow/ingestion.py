"""The producer's arguments for a run of user_automation."""

from __future__ import annotations

import math
from typing import Any, Mapping

from airflow.sdk.exceptions import AirflowFailException

from . import deployment
from .run_files import file_name, folder_of

MAX_EVENTS = 100_000
"""Maximum number of events of one run: the ack verifier holds them in memory."""


def total_events(params: Mapping[str, Any]) -> int:
    """The number of events that a run records: `count` at its start and after each `interval`.

    The producer ends after this number and not after a duration, so that a retried task records the
    same events.
    """
    batches = math.ceil(round(params["duration"] / params["interval"], 6))
    events = params["count"] * batches
    if events > MAX_EVENTS:
        raise AirflowFailException(
            f"count={params['count']} every interval={params['interval']} s for"
            f" duration={params['duration']} s are {events:,} events, and a run may record"
            f" {MAX_EVENTS:,}: trigger it with less, or use ./foldlog produce."
        )
    return events


def ack_journal_file(run_id: str) -> str:
    """The ack journal of the run. Removes the ack journals of runs older than 30 days."""
    return str(folder_of(deployment.load().reports, "acknowledged") / f"{file_name(run_id)}.jsonl")
