from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from waiting import is_alive, until

from foldlog_airflow.applications import ApplicationOperator

EXITING = """
import json, os, sys
print("events=3 failed=0")
print("2026-01-01T00:00:00.000Z INFO  Producer sent=3", file=sys.stderr)
status, output, file = int(sys.argv[1]), sys.argv[2], sys.argv[sys.argv.index("--result") + 1]
message = "Topic users_created is compacted: name another." if status else ""
if output == "result-file":
    retryable = status in (6, 130, 143)
    document = {"message": message, "retryable": retryable, "result": {"acknowledged": 3}}
    open(file, "w").write(json.dumps(document))
elif message:
    print(message, file=sys.stderr)
sys.exit(status)
"""

REPORTING = """
import json, os, sys
document = dict(message="", retryable=False, result={})
open(sys.argv[sys.argv.index("--result") + 1], "w").write(json.dumps(document))
"""

SLEEPING = """
import os, signal, sys, time
def end(*_):
    print("source=synthetic ended=stopped", flush=True)
    sys.exit(143)
signal.signal(signal.SIGTERM, end)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(120)
"""

# like Airflow's task runner: SIGTERM calls on_kill, and execute returns; the task timeout is an alarm
# that raises
TASK = """
import signal, sys
from airflow.sdk.exceptions import AirflowTaskTimeout
from foldlog_airflow.applications import ApplicationOperator
operator = ApplicationOperator(task_id="produce", application="producer", arguments=sys.argv[1:])
def time_out(*_):
    raise AirflowTaskTimeout("too long")
signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
signal.signal(signal.SIGALRM, time_out)
try:
    operator.execute({})
except (Exception, AirflowTaskTimeout) as error:
    print(type(error).__name__, error, flush=True)
"""


def operator(*arguments: str) -> ApplicationOperator:
    return ApplicationOperator(task_id="produce", application="producer", arguments=arguments)


def test_returns_the_result_and_removes_the_result_file(deploy, tmp_path: Path) -> None:
    deploy(applications={"producer": [sys.executable, "-c", EXITING]})
    assert operator("0", "result-file").execute({}) == {"acknowledged": 3}
    assert operator("0", "standard-error").execute({}) is None
    assert list((tmp_path / "reports/results").iterdir()) == []


@pytest.mark.parametrize("output", ["result-file", "standard-error"])
@pytest.mark.parametrize("status", [2, 3, 4, 5, 6, 7, 130, 143])
def test_fails_with_the_message_of_the_application(deploy, status: int, output: str) -> None:
    deploy(applications={"producer": [sys.executable, "-c", EXITING]})
    with pytest.raises(AirflowException) as failed:
        operator(str(status), output).execute({})
    assert isinstance(failed.value, AirflowFailException) == (status not in (6, 130, 143))
    assert str(failed.value).startswith("producer exited with ")
    assert f" ({status}): " in str(failed.value)
    assert str(failed.value).endswith(": Topic users_created is compacted: name another.")


def test_does_not_pass_airflow_settings_to_the_application(
    deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    monkeypatch.setenv("FOLDLOG_PRODUCER_RATE", "7")
    names = "[n for n in os.environ if n.startswith(('AIRFLOW', 'FOLDLOG'))]"
    deploy(applications={"producer": [sys.executable, "-c", REPORTING.format(names)]})
    assert operator().execute({}) == ["FOLDLOG_PRODUCER_RATE"]


def test_runs_in_the_working_directory_of_the_deployment(deploy, tmp_path: Path) -> None:
    deploy(applications={"producer": [sys.executable, "-c", REPORTING.format("os.getcwd()")]})
    assert operator().execute({}) == str(tmp_path)


def test_fails_for_an_application_that_the_deployment_does_not_have(deploy) -> None:
    deploy(applications={"provision": ["true"]})
    with pytest.raises(AirflowFailException, match="has no application producer, only provision"):
        operator().execute({})


def test_fails_when_the_environment_names_no_deployment_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIPELINE_DEPLOYMENT", raising=False)
    with pytest.raises(AirflowFailException, match="PIPELINE_DEPLOYMENT names no deployment file"):
        operator().execute({})


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (signal.SIGTERM, "AirflowException producer exited with TERMINATED (143)"),
        (signal.SIGALRM, "AirflowTaskTimeout too long"),
        (signal.SIGKILL, ""),
    ],
)
def test_ends_the_application_with_its_task(
    deploy, tmp_path: Path, sent: signal.Signals, message: str
) -> None:
    deploy(applications={"producer": [sys.executable, "-c", SLEEPING]})
    started = tmp_path / "started"
    task = subprocess.Popen(
        [sys.executable, "-c", TASK, str(started)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        until(lambda: started.exists() and started.read_text(), "the application starts")
        application = int(started.read_text())
        task.send_signal(sent)
        printed, _ = task.communicate(timeout=60)
        until(lambda: not is_alive(application), "the application ends")
        assert message in printed
    finally:
        task.kill()
        task.wait()
