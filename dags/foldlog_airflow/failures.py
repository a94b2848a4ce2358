"""What happens when a task or its run has failed for good: one line, and a post where one is wanted."""

from __future__ import annotations

import logging
from pathlib import Path

import requests
from airflow.sdk import Context

from . import deployment
from .deployment import Deployment
from .run_files import file_name, folder_of

_LOG = logging.getLogger(__name__)
_LIMIT_SECONDS = 10


def report_failure(context: Context) -> None:
    """Writes the task's line, posts it, and notes that the run has said why it fails."""
    deployed = deployment.load()
    _note(deployed, context["ti"].dag_id, context["run_id"]).touch()
    _report(deployed, failure_line(context))


def report_silent_failure(context: Context) -> None:
    """The same for a run none of whose tasks has said anything: a task that is killed cannot."""
    deployed = deployment.load()
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    note = _note(deployed, dag_id, run_id)
    # an earlier start of the run, before it was cleared, may have said something
    started = context["dag_run"].start_date if "dag_run" in context else None
    if note.exists() and (started is None or note.stat().st_mtime >= started.timestamp()):
        return
    _report(
        deployed,
        f"FAILED {dag_id} of {run_id}: a task was killed on its last try before it could say why."
        " See the run's grid and whether the machine ran out of memory; then clear the task.",
    )


def _note(deployed: Deployment, dag_id: str, run_id: str) -> Path:
    return folder_of(deployed.reports, "failed") / f"{dag_id}-{file_name(run_id)}"


def _report(deployed: Deployment, line: str) -> None:
    """Writes the line, and posts it as {"text": …} to the URL that the deployment names a file of.

    A post that fails is logged, no more.
    """
    _LOG.error(line)
    file = deployed.failure_webhook_file
    if file is None:
        return
    try:
        url = file.read_text(encoding="utf-8").strip()
        requests.post(url, json={"text": line}, timeout=_LIMIT_SECONDS).raise_for_status()
    except (OSError, requests.RequestException) as error:
        # its message would show the URL, which may hold a token
        _LOG.warning(
            "The failure was not posted to the URL in %s (%s): correct it, or see who listens there.",
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
