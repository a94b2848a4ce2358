"""The batch layer's operator with spark-submit.

test_runs tests results, exit statuses and a killed task with the real batch layer. test_applications
tests them with processes that start faster.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from waiting import is_alive, until

from foldlog_airflow.batch_layer import BatchLayerOperator, without_lists

SLEEPING = """
import java.nio.file.*;
public final class Sleeping {
  public static void main(String[] arguments) throws Exception {
    Files.writeString(Path.of(arguments[1]), Long.toString(ProcessHandle.current().pid()));
    Thread.sleep(120_000);
  }
}
"""

TASK = """
import signal, sys
from foldlog_airflow.batch_layer import BatchLayerOperator
operator = BatchLayerOperator(task_id="sleep", step="sleep", arguments=sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
try:
    operator.execute({})
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""


@pytest.fixture
def sleeping(tmp_path: Path) -> Path:
    """The jar of an application that writes its process id and sleeps."""
    (tmp_path / "Sleeping.java").write_text(SLEEPING)
    subprocess.run(["javac", "--release", "17", "Sleeping.java"], cwd=tmp_path, check=True)
    subprocess.run(["jar", "cf", "sleeping.jar", "Sleeping.class"], cwd=tmp_path, check=True)
    return tmp_path / "sleeping.jar"


@pytest.fixture(autouse=True)
def spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the environment as the launcher does: spark-submit on the PATH, and Airflow's Spark connection."""
    home = os.environ.get("SPARK_HOME")
    assert home, "SPARK_HOME names the Spark that make tools installs"
    monkeypatch.setenv("PATH", f"{home}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SPARK_DEFAULT",
        json.dumps({"conn_type": "spark", "host": "local[1]", "extra": {"deploy-mode": "client"}}),
    )
    assert shutil.which("spark-submit")


def small_deployment(jar: Path) -> dict[str, Any]:
    return {
        "jar": str(jar),
        "class": "Sleeping",
        "driverMemory": "256m",
        "driverJavaOptions": "-XX:+UseSerialGC",
        "conf": {"spark.ui.enabled": "false"},
    }


def operator(step: str, *arguments: str) -> BatchLayerOperator:
    return BatchLayerOperator(task_id=step, step=step, arguments=arguments)


def test_returns_the_result_without_its_lists() -> None:
    report = {
        "run": "run-1",
        "reconcile": {"findings": {"missing": 1}, "details": [{"user": "u"}], "outcome": "REPAIRED"},
    }
    assert without_lists(report) == {
        "run": "run-1",
        "reconcile": {"findings": {"missing": 1}, "outcome": "REPAIRED"},
    }


def test_ends_spark_with_its_task(deploy, sleeping: Path, tmp_path: Path) -> None:
    deploy(batchLayer=small_deployment(sleeping))
    started = tmp_path / "started"
    task = subprocess.Popen(
        [sys.executable, "-c", TASK, str(started)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        until(lambda: started.exists() and started.read_text(), "the application starts")
        application = int(started.read_text())
        task.terminate()
        printed, _ = task.communicate(timeout=60)
        until(lambda: not is_alive(application), "the application ends")
        assert "AirflowException foldlog batch sleep exited with TERMINATED (143)" in printed
    finally:
        task.kill()
        task.wait()


def test_fails_with_the_message_of_spark_submit_when_there_is_no_jar(deploy, tmp_path: Path) -> None:
    deploy(batchLayer=small_deployment(tmp_path / "none.jar"))
    with pytest.raises(AirflowFailException, match="exited with UNKNOWN .101.: .*Sleeping"):
        operator("fold").execute({})
