"""Every DAG file parses fast, without a database or other I/O, and follows the rules for DAGs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

DAGS = Path(__file__).resolve().parents[1]
NAMES = ("nightly_reconcile", "streaming_pipeline", "user_automation")
FILES = sorted(DAGS.glob("*.py"))


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=str(DAGS))


@pytest.fixture(scope="module", params=NAMES)
def dag(bag: DagBag, request: pytest.FixtureRequest) -> DAG:
    return bag.dags[request.param]


def test_imports_exactly_the_known_dags(bag: DagBag) -> None:
    assert not bag.import_errors
    assert sorted(bag.dags) == list(NAMES)


def test_dag_id_equals_the_file_name(dag: DAG) -> None:
    assert Path(dag.fileloc).stem == dag.dag_id


def test_has_the_docstring_as_documentation(dag: DAG) -> None:
    assert dag.doc_md and "docs/operations.md" in dag.doc_md


def test_has_one_active_run_and_no_catchup(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert dag.start_date is None


def test_every_task_has_an_owner_a_timeout_and_a_failure_callback(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.owner == "foldlog", task.task_id
        assert task.execution_timeout and task.execution_timeout <= timedelta(hours=7), task.task_id
        assert task.on_failure_callback, task.task_id
    assert dag.on_failure_callback, "a killed task cannot report its own failure"


def test_retries_with_exponential_backoff(dag: DAG) -> None:
    for task in dag.tasks:
        runs_once = task.task_id in ("check_health", "check_lag", "publish", "all_succeeded")
        assert task.retries == (0 if runs_once else 3), task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.max_retry_delay == timedelta(minutes=10), task.task_id


def test_every_param_has_a_type_or_an_enum(dag: DAG) -> None:
    for name, param in dag.params.items():
        schema = dag.params.get_param(name).schema
        assert "enum" in schema or "type" in schema, name
        if schema.get("type") in ("integer", "number"):
            assert "minimum" in schema and "maximum" in schema, name


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("user_automation", ["check_servers", "provision", "register_schemas", "produce", "verify"]),
        ("streaming_pipeline", ["stop", "start", "check_health", "check_lag"]),
    ],
)
def test_runs_the_tasks_in_sequence(bag: DagBag, name: str, order: list[str]) -> None:
    dag = bag.dags[name]
    assert [task.task_id for task in dag.topological_sort()] == order
    for before, after in zip(order, order[1:]):
        assert dag.get_task(before).downstream_task_ids == {after}


def test_nightly_maintains_and_publishes_after_a_failed_reconcile(bag: DagBag) -> None:
    dag = bag.dags["nightly_reconcile"]
    upstream = {task.task_id: task.upstream_task_ids for task in dag.tasks}
    steps = {"archive", "fold", "reconcile", "maintain", "publish"}
    assert upstream == {
        "archive": set(),
        "fold": {"archive"},
        "reconcile": {"fold"},
        "maintain": {"fold", "reconcile"},
        "publish": {"maintain"},
        "all_succeeded": steps,
    }
    rules = {task.task_id: task.trigger_rule for task in dag.tasks}
    assert rules == {
        "archive": "all_success",
        "fold": "all_success",
        "reconcile": "all_success",
        "maintain": "all_done_min_one_success",
        "publish": "all_done",
        "all_succeeded": "all_success",
    }


@pytest.mark.parametrize(
    ("params", "arguments"),
    [
        ({}, ["--scope=changed"]),
        (
            {"scope": "full", "dry_run": True, "overwrite_future": True, "destructive_limit": 0},
            ["--scope=full", "--dry-run", "--overwrite-future", "--destructive-limit=0"],
        ),
    ],
)
def test_passes_the_params_to_reconcile(
    bag: DagBag, params: dict[str, object], arguments: list[str]
) -> None:
    dag = bag.dags["nightly_reconcile"]
    task = dag.get_task("reconcile")
    rendered = task.render_template(task.arguments, {"params": {**dag.params.dump(), **params}})
    assert [argument for argument in rendered if argument] == arguments


def test_verify_updates_the_asset_of_the_log(bag: DagBag) -> None:
    outlets = bag.dags["user_automation"].get_task("verify").outlets
    assert [asset.name for asset in outlets] == ["users_created"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "0 2 * * *, 30 s"),
        ({"PIPELINE_NIGHTLY_SCHEDULE": "30 4 * * *"}, "30 4 * * *, 30 s"),
        ({"PIPELINE_RECONCILE_AFTER_INGESTION": "false"}, "0 2 * * *, 30 s"),
        ({"PIPELINE_RECONCILE_AFTER_INGESTION": "true"}, "Asset or 0 2 * * *, 30 s"),
        ({"PIPELINE_RETRY_DELAY_SECONDS": "5"}, "0 2 * * *, 5 s"),
    ],
)
def test_nightly_takes_schedule_and_retry_delay_from_the_environment(
    environment: dict[str, str], expected: str
) -> None:
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag;"
        "from airflow.serialization.serialized_objects import DagSerialization;"
        "dag = DagBag(dag_folder=sys.argv[1]).dags['nightly_reconcile'];"
        "summary = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable.summary;"
        "delay = dag.get_task('reconcile').retry_delay.total_seconds();"
        "print(f'{summary}, {delay:.0f} s')"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(DAGS / "nightly_reconcile.py")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert printed.stdout.splitlines()[-1:] == [expected], printed.stderr


# a DAG file must not connect, start a process or read the deployment file while it is parsed
_PARSE = """
import sys, time
import airflow.sdk, airflow.dag_processing.dagbag
import airflow.providers.apache.spark.operators.spark_submit
forbidden = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork")
def refuse(event, arguments):
    if event in forbidden:
        raise AssertionError(f"{event} {arguments}")
    if event == "open" and str(arguments[0]).endswith("deployment.json"):
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
before = time.process_time()
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {"__name__": "parsed"})
print(time.process_time() - before)
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_parses_fast_and_without_io(file: Path, tmp_path: Path) -> None:
    deployment = tmp_path / "deployment.json"
    deployment.write_text("{}")
    parsed = subprocess.run(
        [sys.executable, "-c", _PARSE, str(file)],
        env={**os.environ, "PIPELINE_DEPLOYMENT": str(deployment)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert parsed.returncode == 0, parsed.stderr
    assert float(parsed.stdout.splitlines()[-1]) < 1.0
