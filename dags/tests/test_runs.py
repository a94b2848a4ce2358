"""All three DAGs by the real scheduler, with real PostgreSQL, Kafka, Cassandra and Spark beside it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Iterator

import pytest
from stack import DAGS, Stack, running, until


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as up:
        for dag in DAGS:
            up.client().unpause(dag)
        yield up


def test_a_param_out_of_bounds_is_answered_400(stack: Stack) -> None:
    for dag, wrong in (
        ("user_automation", {"count": 0}),
        ("user_automation", {"source": "elsewhere"}),
        ("user_automation", {"interval": "often"}),
        ("streaming_pipeline", {"action": "explode"}),
        ("nightly_reconcile", {"destructive_limit": -1}),
    ):
        status, document = stack.trigger(dag, wrong)
        assert status == 400, (dag, wrong, document)


def test_a_viewer_may_look_but_not_trigger(stack: Stack) -> None:
    assert stack.client("viewer").ask("GET", "/dags/streaming_pipeline")[0] == 200
    assert stack.trigger("streaming_pipeline", {"action": "stop"}, user="viewer")[0] == 403
    assert stack.state("speed-layer") == "RUNNING"


def test_unpausing_starts_nothing(stack: Stack) -> None:
    for dag in DAGS:
        assert stack.get(f"dags/{dag}/dagRuns")["total_entries"] == 0, dag


def test_starting_what_runs_is_a_report(stack: Stack) -> None:
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


def test_a_producer_killed_midway_and_tried_again_loses_and_changes_nothing(stack: Stack) -> None:
    run = stack.start("user_automation", count=20, interval=0.2, duration=6)
    acknowledged = stack.folder / "state/reports/acknowledged"
    until(
        lambda: sum(file.read_text().count("\n") for file in acknowledged.glob("*")) > 100,
        "events are acknowledged",
        120,
    )
    stack.kill_task_of("io.foldlog.producer.Producer")
    assert stack.end_of("user_automation", run) == "success"
    assert stack.tasks("user_automation", run)["produce"] == ("success", 2)
    checked = stack.result("user_automation", run, "verify")
    assert checked["acknowledged"] > 600
    assert (checked["events"], checked["missing"], checked["differing"]) == (600, 0, 0)
    stack.verify()
    tried_twice = stack.rows()
    run_after = stack.get(f"dags/user_automation/dagRuns/{run}")["run_after"]
    undisturbed = stack.launch(
        *("produce", "--source=synthetic", "--batch=20", "--interval=0"),
        *("--count=600", f"--seed={run}", f"--as-of={run_after}"),
    )
    assert "acknowledged=600 failed=0" in undisturbed
    stack.verify()
    assert stack.rows() == tried_twice
    assert len(tried_twice) > 300


def test_a_step_killed_is_tried_again_and_a_destructive_limit_fails_at_once(stack: Stack) -> None:
    victim = json.loads(stack.rows()[0])["id"]
    for statement in (
        f"DELETE FROM spark_streams.created_users WHERE id = {victim}",
        "INSERT INTO spark_streams.created_users (id, city) VALUES (uuid(), 'Nowhere')",
    ):
        stack.launch("cqlsh", "--role", "admin", "-e", statement)
    run = stack.start("nightly_reconcile", scope="full", destructive_limit=0)
    stack.kill_task_of("io.foldlog.batch.BatchLayer")
    assert stack.end_of("nightly_reconcile", run, 600) == "failed"
    tasks = stack.tasks("nightly_reconcile", run)
    assert tasks["archive"] == ("success", 2)
    assert tasks["reconcile"] == ("failed", 1)
    assert tasks["maintain"][0] == tasks["publish"][0] == "upstream_failed"
    stack.await_log(
        ("nightly_reconcile", run, "reconcile"),
        "foldlog batch reconcile exited with REPAIR_LIMIT_EXCEEDED (4): 1 users have cells",
        "FAILED nightly_reconcile.reconcile of",
    )


def test_the_next_night_repairs_all_and_says_so(stack: Stack) -> None:
    run = stack.run("nightly_reconcile", 600, scope="full")
    assert {tries for _, tries in stack.tasks("nightly_reconcile", run).values()} == {1}
    report = stack.result("nightly_reconcile", run, "publish")
    reconciled = report["steps"]["reconcile"]["reconcile"]
    assert (reconciled["outcome"], reconciled["repaired"]) == ("REPAIRED", 2)
    assert "details" not in reconciled
    assert json.loads(Path(report["file"]).read_text(encoding="utf-8")) == report
    stack.verify()


def test_a_killed_speed_layer_that_cannot_start_fails_the_run_until_it_can(stack: Stack) -> None:
    binding = stack.folder / "state/speed-layer/checkpoint/binding.json"
    right = binding.read_text()
    binding.write_text(right.replace('"continuous"', '"micro-batch"'))
    killed = stack.processes("io.foldlog.speed.SpeedLayer")[0]
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in stack.processes("io.foldlog.speed.SpeedLayer"), "it is gone", 10)
    # supervisord has tried once more
    until(lambda: stack.state("speed-layer") in ("FATAL", "EXITED"), "it is given up", 180)
    run = stack.start("streaming_pipeline")
    assert stack.end_of("streaming_pipeline", run, 600) == "failed"
    assert stack.tasks("streaming_pipeline", run)["check_health"] == ("failed", 1)
    stack.await_log(
        ("streaming_pipeline", run, "check_health"),
        "speed-layer does not run",
        "belongs to the trigger micro-batch",
    )
    binding.write_text(right)
    run = stack.run("streaming_pipeline")
    said = stack.result("streaming_pipeline", run, "check_health")
    assert said[-1] == "speed-layer: had ended, started again (try 1)"
    stack.verify()


def test_what_an_operator_stopped_is_not_started(stack: Stack) -> None:
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
    assert stack.end_of("user_automation", failed) == "failed"
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
