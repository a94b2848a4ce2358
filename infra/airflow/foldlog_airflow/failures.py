"""What happens when a task has failed for good: one line, and a post where one is wanted."""

from __future__ import annotations

import logging

import requests
from airflow.sdk import Context

from . import deployment

_LOG = logging.getLogger(__name__)
_LIMIT_SECONDS = 10


def report_failure(context: Context) -> None:
    """Writes the line, and posts it as {"text": …} to the URL that the deployment names a file of.

    A post that fails is logged, no more.
    """
    line = failure_line(context)
    _LOG.error(line)
    file = deployment.load().failure_webhook_file
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
