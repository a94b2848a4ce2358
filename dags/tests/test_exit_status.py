from __future__ import annotations

import re

import pytest
from airflow.sdk.exceptions import AirflowFailException
from conftest import ROOT

from foldlog_airflow import task_failure
from foldlog_airflow.exit_status import ExitStatus

CODES = {status.name: int(status) for status in ExitStatus}
RETRYABLE = {status.name for status in ExitStatus if status.retryable}


def test_equals_the_exit_statuses_of_the_java_applications() -> None:
    source = (
        ROOT / "infra/runtime/src/main/java/io/foldlog/runtime/ExitStatus.java"
    ).read_text()
    found = re.findall(r"([A-Z_]+)\((\d+), (true|false)\)", source)
    assert {name: int(code) for name, code, _ in found} == CODES
    assert {name for name, _, retryable in found if retryable == "true"} == RETRYABLE


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(1, False), (2, False), (3, False), (4, False), (5, False), (6, True), (7, False), (130, True), (143, True)]
    + [(137, True), (-9, True), (-15, True), (-11, False), (101, False)],
)
def test_retries_only_retryable_exit_statuses(status: int, retryable: bool) -> None:
    failure = task_failure.failure("producer", status, ["Kafka does not answer."])
    assert isinstance(failure, AirflowFailException) != retryable
    assert "producer exited with" in str(failure) and "Kafka does not answer." in str(failure)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["2026-01-01T00:00:00.000Z INFO  Archive step=archive", "The log is gone."], "The log is gone."),
        (["The log is gone.", "2026-01-01T00:00:00.000Z WARN  X y"], "The log is gone."),
        (["Unknown option: '--no'", "Try 'foldlog produce --help'."], "Unknown option: '--no'"),
        (
            [
                "reconcile status=1 run=r report=/r.json",
                "2026-01-01T00:00:00.000Z ERROR Application event=internal_error action=report",
                "java.lang.IllegalStateException: the table has no version",
                "\tat io.foldlog.batch.Fold.run(Fold.java:7)",
                "Caused by: java.io.IOException: x",
                "\t... 3 more",
            ],
            "java.lang.IllegalStateException: the table has no version",
        ),
        (["2026-01-01T00:00:00.000Z ERROR A killed"], "2026-01-01T00:00:00.000Z ERROR A killed"),
        ([], "It printed nothing."),
    ],
)
def test_finds_the_last_message(lines: list[str], message: str) -> None:
    assert task_failure.last_message(lines) == message
