"""Runs of all three DAGs by the real scheduler, with real PostgreSQL, Kafka, Cassandra and Spark.

The environment has another locale, paths with special characters, a proxy that does not answer, no home
folder, a read-only checkout and /tmp without exec: test_environments.py has each alone.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Iterator

import pytest
from environments import combined
from stack import DAGS, Stack, running, until


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running(combined()) as started:
        for dag in DAGS:
            started.client().unpause(dag)
        yield started


def test_rejects_a_param_out_of_bounds(stack: Stack) -> None:
    for dag, wrong in (
        ("user_automation", {"count": 0}),
        ("user_automation", {"source": "elsewhere"}),
        ("user_automation", {"interval": "often"}),
        ("streaming_pipeline", {"action": "explode"}),
        ("nightly_reconcile", {"destructive_limit": -1}),
        ("nightly_reconcile", {"overwrite_future": "yes"}),
    ):
        status, document = stack.trigger(dag, wrong)
        assert status == 400, (dag, wrong, document)


def test_viewer_can_read_but_not_trigger(stack: Stack) -> None:
    assert stack.client("viewer").ask("GET", "/dags/streaming_pipeline")[0] == 200
    assert stack.trigger("streaming_pipeline", {"action": "stop"}, user="viewer")[0] == 403
    assert stack.state("speed-layer") == "RUNNING"


def test_unpausing_starts_no_run(stack: Stack) -> None:
    for dag in DAGS:
        assert stack.get(f"dags/{dag}/dagRuns")["total_entries"] == 0, dag


def test_start_reports_components_that_run_already(stack: Stack) -> None:
    run = stack.run("streaming_pipeline", action="start")
    assert stack.result("streaming_pipeline", run, "start") == [
        "kafka: runs already",
        "cassandra: runs already",
        "provision: was done before",
        "speed-layer: runs already",
    ]
    assert stack.tasks("streaming_pipeline", run) == {
        "stop": ("skipped", 1),
        "start": ("success", 1),
        "check_health": ("success", 1),
        "check_lag": ("skipped", 1),
    }


def test_retried_producer_records_the_same_events_after_a_kill(stack: Stack) -> None:
    run = stack.start("user_automation", count=20, interval=0.2, duration=6)
    acknowledged = stack.folder / "state/reports/acknowledged"
    until(
        lambda: sum(file.read_text().count("\n") for file in acknowledged.glob("*")) > 100,
        "events are acknowledged",
        120,
    )
    stack.kill_task_of("io.foldlog.producer.Producer")
    assert stack.await_end("user_automation", run) == "success"
    assert stack.tasks("user_automation", run)["produce"] == ("success", 2)
    verified = stack.result("user_automation", run, "verify")
    assert verified["acknowledged"] > 600
    assert (verified["events"], verified["missing"], verified["differing"]) == (600, 0, 0)
    stack.verify()
    rows_after_retry = stack.rows()
    run_after = stack.get(f"dags/user_automation/dagRuns/{run}")["run_after"]
    without_kill = stack.launch(
        *("produce", "--source=synthetic", "--batch=20", "--interval=0"),
        *("--count=600", f"--seed={run}", f"--as-of={run_after}"),
    )
    assert "acknowledged=600 failed=0" in without_kill
    stack.verify()
    assert stack.rows() == rows_after_retry
    assert len(rows_after_retry) > 300


def test_retries_a_killed_step_and_fails_at_once_at_the_destructive_limit(stack: Stack) -> None:
    deleted_user = json.loads(stack.rows()[0])["id"]
    for statement in (
        f"DELETE FROM spark_streams.created_users WHERE id = {deleted_user}",
        "INSERT INTO spark_streams.created_users (id, city) VALUES (uuid(), 'Nowhere')",
    ):
        stack.launch("cqlsh", "--role", "admin", "-e", statement)
    run = stack.start("nightly_reconcile", scope="full", destructive_limit=0)
    stack.kill_task_of("io.foldlog.batch.BatchLayer")
    assert stack.await_end("nightly_reconcile", run, 600) == "failed"
    tasks = stack.tasks("nightly_reconcile", run)
    assert tasks["archive"] == ("success", 2)
    assert tasks["reconcile"] == ("failed", 1)
    assert tasks["maintain"] == tasks["publish"] == ("success", 1)
    assert tasks["all_succeeded"][0] == "upstream_failed"
    steps = stack.result("nightly_reconcile", run, "publish")["steps"]
    assert steps["reconcile"]["reconcile"]["outcome"] == "REPAIR_LIMIT_EXCEEDED"
    assert steps["reconcile"]["status"] == 4
    assert steps["maintain"]["status"] == 0
    stack.await_log(
        ("nightly_reconcile", run, "reconcile"),
        "foldlog batch reconcile exited with REPAIR_LIMIT_EXCEEDED (4): 1 users have cells",
        "FAILED nightly_reconcile.reconcile of",
    )


def test_nightly_run_repairs_and_publishes_the_report(stack: Stack) -> None:
    run = stack.run("nightly_reconcile", 600, scope="full")
    tasks = stack.tasks("nightly_reconcile", run)
    assert tasks.pop("all_succeeded")[0] == "success"
    assert {tries for _, tries in tasks.values()} == {1}
    report = stack.result("nightly_reconcile", run, "publish")
    reconciled = report["steps"]["reconcile"]["reconcile"]
    assert (reconciled["outcome"], reconciled["repaired"]) == ("REPAIRED", 2)
    assert "details" not in reconciled
    assert json.loads(Path(report["file"]).read_text(encoding="utf-8")) == report
    stack.verify()


def test_health_run_fails_while_the_speed_layer_cannot_start(stack: Stack) -> None:
    binding = stack.folder / "state/speed-layer/checkpoint/binding.json"
    original = binding.read_text()
    binding.write_text(original.replace('"continuous"', '"micro-batch"'))
    killed = stack.processes("io.foldlog.speed.SpeedLayer")[0]
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in stack.processes("io.foldlog.speed.SpeedLayer"), "it has ended", 10)
    # supervisord has restarted it once
    until(lambda: stack.state("speed-layer") in ("FATAL", "EXITED"), "it is not restarted", 180)
    run = stack.start("streaming_pipeline")
    assert stack.await_end("streaming_pipeline", run, 600) == "failed"
    assert stack.tasks("streaming_pipeline", run)["check_health"] == ("failed", 1)
    stack.await_log(
        ("streaming_pipeline", run, "check_health"),
        "speed-layer does not run",
        "belongs to the trigger micro-batch",
    )
    binding.write_text(original)
    run = stack.run("streaming_pipeline")
    lines = stack.result("streaming_pipeline", run, "check_health")
    assert lines[-1] == "speed-layer: had ended, started again (try 1)"
    stack.verify()


def test_health_run_does_not_start_stopped_components(stack: Stack) -> None:
    run = stack.run("streaming_pipeline", action="stop")
    assert stack.result("streaming_pipeline", run, "stop") == [
        "speed-layer: stopped",
        "kafka: stopped",
        "cassandra: stopped",
    ]
    run = stack.run("streaming_pipeline")
    assert stack.result("streaming_pipeline", run, "check_health") == [
        "kafka: stopped by an operator, not started",
        "cassandra: stopped by an operator, not started",
        "provision: done",
        "speed-layer: stopped by an operator, not started",
    ]
    assert stack.state("speed-layer") == stack.state("kafka") == "STOPPED"
    failed = stack.start("user_automation")
    assert stack.await_end("user_automation", failed) == "failed"
    stack.await_log(
        ("user_automation", failed, "check_servers"), "was stopped: start it by streaming_pipeline"
    )
    run = stack.run("streaming_pipeline", action="restart")
    assert stack.result("streaming_pipeline", run, "start") == [
        "kafka: started",
        "cassandra: started",
        "provision: done",
        "speed-layer: started",
    ]
    stack.run("user_automation", count=10, interval=1, duration=3)
    stack.verify()


def test_makes_no_local_request_to_the_proxy_and_names_files_in_ascii(stack: Stack) -> None:
    assert stack.checkout.proxied == []
    assert [file for file in (stack.folder / "state/lake").rglob("*") if not file.name.isascii()] == []
