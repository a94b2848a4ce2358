"""Common properties of all DAGs: owner, retries, the asset of the log, and schedules."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import Asset, CronTriggerTimetable

from .failures import report_failure

LOG = Asset(name="users_created", uri="foldlog://log/users_created")
"""The log of user events. Each successful run of user_automation updates it."""

# settings of retries and schedules: the launcher passes them as environment variables, because a DAG file
# must not read files
RETRY_DELAY = timedelta(seconds=int(os.environ.get("PIPELINE_RETRY_DELAY_SECONDS", "30")))
INGESTION_SCHEDULE = os.environ.get("PIPELINE_INGESTION_SCHEDULE", "0 * * * *")
NIGHTLY_SCHEDULE = os.environ.get("PIPELINE_NIGHTLY_SCHEDULE", "0 2 * * *")
HEALTH_SCHEDULE = os.environ.get("PIPELINE_HEALTH_SCHEDULE", "*/5 * * * *")
RECONCILE_AFTER_INGESTION = os.environ.get("PIPELINE_RECONCILE_AFTER_INGESTION") == "true"

DEFAULT_ARGUMENTS = {
    "owner": "foldlog",
    # task_failure.failure decides which failures are retryable
    "retries": 3,
    "retry_delay": RETRY_DELAY,
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "on_failure_callback": report_failure,
}


def at(cron: str) -> CronTriggerTimetable:
    """A schedule in UTC. A DAG that is unpaused waits for the next time and runs no missed ones."""
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta())
