"""Reports the final failure of a task or a run: a log line, and a post to a webhook if one is configured."""

from __future__ import annotations

import logging
from pathlib import Path

import requests
from airflow.sdk import Context

from . import deployment
from .deployment import Deployment
from .run_files import file_name, folder_of

_LOG = logging.getLogger(__name__)
_POST_TIMEOUT_SECONDS = 10


def report_failure(context: Context) -> None:
    """Logs and posts the task's failure, and records that a failure of this run was reported."""
    deployed = deployment.load()
    _marker_of(deployed, context["ti"].dag_id, context["run_id"]).touch()
    _report(deployed, failure_line(context))


def report_silent_failure(context: Context) -> None:
    """Reports a failed run none of whose tasks reported a failure, as when a task was killed."""
    deployed = deployment.load()
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    marker = _marker_of(deployed, dag_id, run_id)
    # the marker may be of an earlier start of the run, before it was cleared
    started = context["dag_run"].start_date if "dag_run" in context else None
    if marker.exists() and (started is None or marker.stat().st_mtime >= started.timestamp()):
        return
    _report(
        deployed,
        f"FAILED {dag_id} of {run_id}: a task was killed on its last try and could not report a reason."
        " See the run's grid and whether the machine ran out of memory; then clear the task.",
    )


def _marker_of(deployed: Deployment, dag_id: str, run_id: str) -> Path:
    return folder_of(deployed.reports, "failed") / f"{dag_id}-{file_name(run_id)}"


def _report(deployed: Deployment, line: str) -> None:
    """Logs the line, and posts it as {"text": …} to the URL in the deployment's webhook file, if set.

    A failed post is only logged.
    """
    _LOG.error(line)
    file = deployed.failure_webhook_file
    if file is None:
        return
    try:
        url = file.read_text(encoding="utf-8").strip()
        requests.post(url, json={"text": line}, timeout=_POST_TIMEOUT_SECONDS).raise_for_status()
    except (OSError, requests.RequestException) as error:
        # the exception's message contains the URL, which may hold a token
        _LOG.warning(
            "The failure was not posted to the URL in %s (%s): correct the URL, or check the receiver.",
            file,
            type(error).__name__,
        )


def failure_line(context: Context) -> str:
    instance = context["ti"]
    reason = " ".join(str(context.get("exception") or "it gave no reason").split())
    return (
        f"FAILED {instance.dag_id}.{instance.task_id} of {context['run_id']}"
        f" on try {instance.try_number}: {reason} Log: {instance.log_url}"
    )
