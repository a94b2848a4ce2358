"""The failure line, and its post to a real HTTP server."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

from foldlog_airflow import failures

CONTEXT: Any = {
    "ti": SimpleNamespace(
        dag_id="nightly_reconcile",
        task_id="reconcile",
        try_number=2,
        log_url="http://127.0.0.1:8080/dags/x",
    ),
    "run_id": "manual__1",
    "exception": RuntimeError("foldlog batch reconcile exited with REPAIR_LIMIT_EXCEEDED (4):\nToo many."),
}
LINE = (
    "FAILED nightly_reconcile.reconcile of manual__1 on try 2: foldlog batch reconcile exited with REPAIR_LIMIT_EXCEEDED"
    " (4): Too many. Log: http://127.0.0.1:8080/dags/x"
)


@pytest.fixture
def webhook() -> Iterator[http.server.HTTPServer]:
    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.received.append((self.path, json.loads(body)))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def hook_file(tmp_path: Path) -> Path:
    return tmp_path / "webhook.url"


def test_formats_the_failure_as_one_line() -> None:
    assert failures.failure_line(CONTEXT) == LINE


def test_posts_the_failure_line(deploy: Callable[..., Any], webhook: Any, hook_file: Path) -> None:
    hook_file.write_text(f"http://127.0.0.1:{webhook.server_port}/hook/token\n")
    deploy(failureWebhookFile=str(hook_file))
    failures.report_failure(CONTEXT)
    assert webhook.received == [("/hook/token", {"text": LINE})]


@pytest.mark.parametrize("path", ["/broken", None])
def test_logs_a_failed_post_without_its_url(
    deploy: Callable[..., Any],
    webhook: Any,
    hook_file: Path,
    caplog: pytest.LogCaptureFixture,
    path: str | None,
) -> None:
    if path:
        hook_file.write_text(f"http://127.0.0.1:{webhook.server_port}{path}")
    deploy(failureWebhookFile=str(hook_file))
    with caplog.at_level(logging.WARNING, logger="foldlog_airflow.failures"):
        failures.report_failure(CONTEXT)
    assert f"was not posted to the URL in {hook_file} (" in caplog.text
    assert "/broken" not in caplog.text


def test_posts_nothing_without_a_webhook_file(deploy: Callable[..., Any], webhook: Any) -> None:
    deploy()
    failures.report_failure(CONTEXT)
    assert webhook.received == []


def failed_run(started: datetime) -> Any:
    return {
        "dag": SimpleNamespace(dag_id="nightly_reconcile"),
        "run_id": "manual__1",
        "dag_run": SimpleNamespace(start_date=started),
    }


def test_reports_a_run_whose_task_was_killed(
    deploy: Callable[..., Any], webhook: Any, hook_file: Path
) -> None:
    hook_file.write_text(f"http://127.0.0.1:{webhook.server_port}/hook\n")
    deploy(failureWebhookFile=str(hook_file))
    failures.report_silent_failure(failed_run(datetime.now(timezone.utc)))
    [(_, body)] = webhook.received
    assert body["text"].startswith("FAILED nightly_reconcile of manual__1: a task was killed")


def test_reports_a_run_only_if_no_task_reported_since_its_start(
    deploy: Callable[..., Any], webhook: Any, hook_file: Path
) -> None:
    hook_file.write_text(f"http://127.0.0.1:{webhook.server_port}/hook\n")
    deploy(failureWebhookFile=str(hook_file))
    started = datetime.now(timezone.utc) - timedelta(minutes=1)
    failures.report_failure(CONTEXT)
    failures.report_silent_failure(failed_run(started))
    assert len(webhook.received) == 1
    failures.report_silent_failure(failed_run(started + timedelta(minutes=2)))
    assert len(webhook.received) == 2
