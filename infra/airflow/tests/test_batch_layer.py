"""spark-submit of a tiny application for each exit status, and of the batch layer itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from conftest import ROOT
from waiting import is_alive, until

from foldlog_airflow.batch_layer import BatchLayerOperator

ENDING = """
import java.nio.file.*;
public final class Ending {
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("sleep")) {
      Files.writeString(Path.of(arguments[1]), Long.toString(ProcessHandle.current().pid()));
      Thread.sleep(120_000);
    }
    int status = Integer.parseInt(arguments[1]);
    System.err.println("2026-01-01T00:00:00.000Z INFO  Progress step=fold");
    Path result = Path.of(arguments[arguments.length - 1]);
    Files.copy(Path.of(arguments[2]), result);
    System.exit(status);
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


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jar of the tiny application."""
    folder = tmp_path_factory.mktemp("ending")
    (folder / "Ending.java").write_text(ENDING)
    subprocess.run(["javac", "--release", "17", "Ending.java"], cwd=folder, check=True)
    subprocess.run(["jar", "cf", "ending.jar", "Ending.class"], cwd=folder, check=True)
    return folder / "ending.jar"


@pytest.fixture(autouse=True)
def spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the launcher sets it up: spark-submit of its own environment, and Spark's connection."""
    home = os.environ.get("SPARK_HOME")
    assert home, "SPARK_HOME names the Spark that make tools installs"
    monkeypatch.setenv("PATH", f"{home}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SPARK_DEFAULT",
        json.dumps({"conn_type": "spark", "host": "local[1]", "extra": {"deploy-mode": "client"}}),
    )
    assert shutil.which("spark-submit")


def tiny(jar: Path) -> dict[str, Any]:
    return {
        "jar": str(jar),
        "class": "Ending",
        "driverMemory": "256m",
        "driverJavaOptions": "-XX:+UseSerialGC",
        "conf": {"spark.ui.enabled": "false"},
    }


def operator(step: str, *arguments: str) -> BatchLayerOperator:
    return BatchLayerOperator(task_id=step, step=step, arguments=arguments)


def document(file: Path, status: int, **differences: Any) -> str:
    """A result file as the batch layer writes it."""
    text = {"status": "…", "exit_code": status, "message": "", "retryable": False, **differences}
    file.write_text(json.dumps(text))
    return str(file)


def test_gives_the_result_without_its_lists(deploy, ending: Path, tmp_path: Path) -> None:
    deploy(batchLayer=tiny(ending))
    report = {
        "run": "run-1",
        "reconcile": {"findings": {"missing": 1}, "details": [{"user": "u"}], "outcome": "REPAIRED"},
    }
    file = document(tmp_path / "result.json", 0, result=report)
    assert operator("fold", "0", "", file).execute({}) == {
        "run": "run-1",
        "reconcile": {"findings": {"missing": 1}, "outcome": "REPAIRED"},
    }


def test_fails_with_the_message_of_the_application(deploy, ending: Path, tmp_path: Path) -> None:
    """What each status means is tested with processes that start sooner: test_applications."""
    deploy(batchLayer=tiny(ending))
    message = "The lake is not what was recorded of it: restore it."
    file = document(tmp_path / "result.json", 3, message=message)
    with pytest.raises(AirflowFailException) as failed:
        operator("fold", "3", file).execute({})
    assert str(failed.value) == f"batch-layer fold ended with 3 (record changed): {message}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_spark_ends_with_its_task(
    deploy, ending: Path, tmp_path: Path, number: signal.Signals
) -> None:
    deploy(batchLayer=tiny(ending))
    started = tmp_path / "started"
    task = subprocess.Popen(
        [sys.executable, "-c", TASK, str(started)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        until(lambda: started.exists() and started.read_text(), "the application starts")
        application = int(started.read_text())
        task.send_signal(number)
        printed, _ = task.communicate(timeout=60)
        until(lambda: not is_alive(application), "the application ends")
        if number == signal.SIGTERM:
            assert "AirflowException batch-layer sleep ended with 143 (terminated)" in printed
    finally:
        task.kill()
        task.wait()


def test_a_refusal_of_the_batch_layer_itself_is_final(deploy) -> None:
    jar = ROOT / "batch-layer/target/batch-layer-fat.jar"
    assert jar.is_file(), f"{jar} is not built: make build"
    deploy(batchLayer={**tiny(jar), "class": "io.foldlog.batch.BatchLayer"})
    with pytest.raises(AirflowFailException) as failed:
        operator("reconcile", "--scope=everything").execute({})
    assert "ended with 2 (refused): Invalid value for option '--scope'" in str(failed.value)


def test_says_what_spark_submit_said_when_there_is_no_jar(deploy, tmp_path: Path) -> None:
    deploy(batchLayer=tiny(tmp_path / "none.jar"))
    with pytest.raises(AirflowFailException, match="ended with 101 .*Ending"):
        operator("fold").execute({})
