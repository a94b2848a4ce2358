"""Start order and health of components under a real supervisord with small scripts as programs."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from waiting import until

from foldlog_airflow import components
from foldlog_airflow.deployment import Component, Deployment
from foldlog_airflow.supervisor import SupervisorError, connection

# usually FATAL; on a busy machine the program ends after supervisord's startsecs and is then EXITED
ENDED = ("FATAL", "EXITED")

COMPONENTS = [
    {"name": "kafka", "order": 10, "controlled": True},
    {"name": "cassandra", "order": 10, "controlled": True},
    {"name": "provision", "order": 20, "step": True, "controlled": True},
    {"name": "speed-layer", "order": 30, "controlled": True},
]

# Writes its start and its end to a journal. If a file NAME.fails exists, the program prints a message and
# exits with 2, after the seconds that the file contains. The speed layer writes a status file. If a file
# speed-layer.result exists, the failing speed layer copies it to its result file.
PROGRAM = """
import datetime, json, os, shutil, signal, sys, time
name, folder = sys.argv[1:]
def write(what):
    with open(os.path.join(folder, "journal"), "a") as journal:
        journal.write(f"{name} {what}\\n")
def end(*_):
    write("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
write("starts")
fails = os.path.join(folder, name + ".fails")
if os.path.exists(fails):
    time.sleep(float(open(fails).read()))
    result = os.path.join(folder, name + ".result")
    if os.path.exists(result):
        shutil.copyfile(result, os.path.join(folder, "result.json"))
    print("2026-01-01T00:00:00.000Z INFO  SpeedLayer trigger=continuous", flush=True)
    print("The checkpoint belongs to another trigger: remove it.", flush=True)
    sys.exit(2)
if name == "provision":
    sys.exit(0)
if name == "speed-layer":
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    with open(os.path.join(folder, "status.part"), "w") as status:
        json.dump({"updated": now.replace("+00:00", "Z"), "lag": 7,
            "held-back": {"records": 0, "oldest": None, "age-s": 0}, "state": "running",
            "trigger": "continuous", "epoch": 1,
            "delay": {"run": {"count": 0, "p50-ms": 0, "p99-ms": 0}}}, status)
    os.replace(status.name, os.path.join(folder, "status.json"))
time.sleep(600)
"""


class Pipeline:
    """A running supervisord, and the journal of its programs."""

    def __init__(self, folder: Path, deployed: Deployment) -> None:
        self.folder = folder
        self.deployed = deployed

    def journal(self) -> list[str]:
        return (self.folder / "journal").read_text().splitlines()

    def clear_journal(self) -> None:
        (self.folder / "journal").write_text("")

    def let_fail(self, name: str, after_seconds: float = 0) -> None:
        """Makes the program exit with 2 at its next start."""
        (self.folder / f"{name}.fails").write_text(str(after_seconds))

    def set_result(self, message: str, *, retryable: bool) -> None:
        """Sets the result file that the speed layer writes when it fails."""
        document = {"message": message, "retryable": retryable}
        (self.folder / "speed-layer.result").write_text(json.dumps(document))

    def let_run(self, name: str) -> None:
        (self.folder / f"{name}.fails").unlink()

    def state(self, name: str) -> str:
        with connection(self.deployed.supervisor) as supervisor:
            return supervisor.state(name).state

    def stop(self, name: str) -> None:
        with connection(self.deployed.supervisor) as supervisor:
            supervisor.stop(name)

    def await_state(self, name: str, *states: str) -> None:
        until(lambda: self.state(name) in states, f"{name} is {states}", 30)

    def let_speed_layer_fail_after_startsecs(self) -> None:
        """Starts all; then restarts the speed layer, which fails after supervisord's startsecs."""
        components.start(self.deployed)
        self.stop("speed-layer")
        self.let_fail("speed-layer", after_seconds=2)
        with connection(self.deployed.supervisor) as supervisor:
            supervisor.start("speed-layer")
        self.await_state("speed-layer", "EXITED")
        self.clear_journal()


@pytest.fixture
def pipeline(
    tmp_path: Path, deploy: Callable[..., Any], request: pytest.FixtureRequest
) -> Iterator[Pipeline]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    (tmp_path / "journal").touch()
    password = tmp_path / "password"
    password.write_text("a-password\n")
    # a short path, because the length of a unix socket's path is limited
    socket_file = Path("/tmp") / f"foldlog-test-{os.getpid()}.sock"
    port = free_port()
    if getattr(request, "param", "unix") == "unix":
        server = f"[unix_http_server]\nfile={socket_file}\nchmod=0600\n"
        address = {"url": f"unix://{socket_file}", "user": "", "passwordFile": ""}
    else:
        server = f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=airflow\npassword=a-password\n"
        address = {
            "url": f"http://127.0.0.1:{port}",
            "user": "airflow",
            "passwordFile": str(password),
        }
    programs = "".join(
        f"""
[program:{component['name']}]
command={sys.executable} {program} {component['name']} {tmp_path}
autostart=false
autorestart={'false' if component.get('step') else 'unexpected'}
exitcodes=0,2
startsecs={0 if component.get('step') else 1}
startretries=1
redirect_stderr=true
stdout_logfile={tmp_path}/{component['name']}.log
"""
        for component in COMPONENTS
    )
    configuration = tmp_path / "supervisord.conf"
    configuration.write_text(
        f"""{server}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
nodaemon=true
silent=true
logfile={tmp_path}/supervisord.log
pidfile={tmp_path}/supervisord.pid
{programs}"""
    )
    deployed = deploy(supervisor=address, components=COMPONENTS)
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]
    )
    try:
        running = Pipeline(tmp_path, deployed)
        until(lambda: supervisord_answers(running), "supervisord answers", 30)
        yield running
    finally:
        process.terminate()
        process.wait(30)
        socket_file.unlink(missing_ok=True)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def supervisord_answers(pipeline: Pipeline) -> bool:
    try:
        return bool(pipeline.state("kafka"))
    except SupervisorError:
        return False


def test_starts_and_stops_in_the_order_of_dependencies(pipeline: Pipeline) -> None:
    assert components.start(pipeline.deployed) == [
        "kafka: started",
        "cassandra: started",
        "provision: done",
        "speed-layer: started",
    ]
    assert sorted(pipeline.journal()[:2]) == ["cassandra starts", "kafka starts"]
    assert pipeline.journal()[2:] == ["provision starts", "speed-layer starts"]
    pipeline.clear_journal()
    assert components.start(pipeline.deployed) == [
        "kafka: runs already",
        "cassandra: runs already",
        "provision: was done before",
        "speed-layer: runs already",
    ]
    assert pipeline.journal() == []
    assert components.stop(pipeline.deployed)[0] == "speed-layer: stopped"
    assert pipeline.journal()[0] == "speed-layer ends"
    assert sorted(pipeline.journal()[1:]) == ["cassandra ends", "kafka ends"]
    assert components.stop(pipeline.deployed)[0] == "speed-layer: was stopped"


@pytest.mark.parametrize("pipeline", ["http"], indirect=True)
def test_connects_to_a_supervisor_that_needs_a_login(pipeline: Pipeline) -> None:
    assert components.start(pipeline.deployed)[3] == "speed-layer: started"
    password = Path(pipeline.deployed.supervisor.password_file)
    password.write_text("another\n")
    with pytest.raises(SupervisorError, match="supervisord does not answer .*401 Unauthorized"):
        components.check_health(pipeline.deployed)


def test_provisions_again_only_after_a_server_was_started(pipeline: Pipeline) -> None:
    components.start(pipeline.deployed)
    pipeline.clear_journal()
    pipeline.stop("speed-layer")
    components.start(pipeline.deployed)
    assert pipeline.journal() == ["speed-layer ends", "speed-layer starts"]
    pipeline.clear_journal()
    pipeline.stop("kafka")
    components.start(pipeline.deployed)
    assert pipeline.journal() == ["kafka ends", "kafka starts", "provision starts"]


def test_start_fails_with_the_message_of_the_failed_component(pipeline: Pipeline) -> None:
    pipeline.let_fail("provision")
    with pytest.raises(AirflowFailException) as failed:
        components.start(pipeline.deployed)
    assert str(failed.value) == (
        "provision does not run (EXITED, status 2); its last message: The checkpoint belongs to"
        " another trigger: remove it."
    )
    assert "speed-layer starts" not in pipeline.journal()


def test_health_starts_a_component_that_supervisord_no_longer_restarts(pipeline: Pipeline) -> None:
    pipeline.let_fail("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    assert pipeline.state("speed-layer") in ENDED
    pipeline.let_run("speed-layer")
    pipeline.clear_journal()
    assert components.check_health(pipeline.deployed) == [
        "kafka: runs",
        "cassandra: runs",
        "provision: done",
        "speed-layer: had ended, started again (try 1)",
    ]
    assert pipeline.journal() == ["speed-layer starts"]
    pipeline.clear_journal()
    assert components.check_health(pipeline.deployed)[3] == "speed-layer: runs"
    assert pipeline.journal() == []


def test_health_fails_after_three_attempts_with_the_last_message(pipeline: Pipeline) -> None:
    pipeline.let_fail("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    pipeline.clear_journal()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert re.fullmatch(
        r"speed-layer does not run \((FATAL|EXITED, status 2)\); its last message: The checkpoint"
        r" belongs to another trigger: remove it\.",
        str(failed.value),
    )
    # three attempts; if supervisord counts an attempt as a failed start, startretries repeats it once
    starts = pipeline.journal()
    assert set(starts) == {"speed-layer starts"}
    assert 3 <= len(starts) <= 6


@pytest.mark.parametrize("retryable, attempts", [(False, 1), (True, 3)])
def test_health_retries_only_if_the_result_file_says_retryable(
    pipeline: Pipeline, retryable: bool, attempts: int
) -> None:
    pipeline.set_result("The checkpoint belongs to the trigger micro-batch.", retryable=retryable)
    pipeline.let_speed_layer_fail_after_startsecs()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert str(failed.value) == (
        "speed-layer does not run (EXITED, status 2); it says: The checkpoint belongs to the trigger"
        " micro-batch."
    )
    assert pipeline.journal() == ["speed-layer starts"] * attempts


def test_ignores_the_result_file_of_an_earlier_start(pipeline: Pipeline) -> None:
    pipeline.set_result("The checkpoint belongs to the trigger micro-batch.", retryable=False)
    pipeline.let_fail("speed-layer")
    with pytest.raises(AirflowFailException, match="it says: The checkpoint belongs to the trigger micro"):
        components.start(pipeline.deployed)
    (pipeline.folder / "speed-layer.result").unlink()
    os.utime(pipeline.folder / "result.json", (1, 1))
    with pytest.raises(AirflowFailException, match="its last message: The checkpoint belongs to another"):
        components.check_health(pipeline.deployed)


def test_health_detects_a_component_that_ends_after_its_start(pipeline: Pipeline) -> None:
    pipeline.let_speed_layer_fail_after_startsecs()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert str(failed.value) == (
        "speed-layer does not run (EXITED, status 2); its last message: The checkpoint belongs to"
        " another trigger: remove it."
    )
    assert pipeline.journal() == ["speed-layer starts"] * 3


def test_health_starts_neither_stopped_components_nor_their_dependents(pipeline: Pipeline) -> None:
    components.start(pipeline.deployed)
    pipeline.stop("kafka")
    pipeline.let_fail("speed-layer")
    pipeline.stop("speed-layer")
    with connection(pipeline.deployed.supervisor) as supervisor:
        supervisor.start("speed-layer")
    pipeline.await_state("speed-layer", *ENDED)
    pipeline.clear_journal()
    assert components.check_health(pipeline.deployed) == [
        "kafka: stopped by an operator, not started",
        "cassandra: runs",
        "provision: done",
        "speed-layer: waits for kafka",
    ]
    assert pipeline.journal() == []


def test_stop_keeps_an_ended_component_stopped(pipeline: Pipeline) -> None:
    pipeline.let_fail("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    components.stop(pipeline.deployed)
    assert pipeline.state("speed-layer") == "STOPPED"
    components.check_health(pipeline.deployed)
    assert pipeline.state("speed-layer") == "STOPPED"


def test_require_servers_fails_when_a_server_does_not_run(pipeline: Pipeline) -> None:
    with pytest.raises(AirflowFailException, match="kafka was stopped: start it by"):
        components.require_servers(pipeline.deployed)
    components.start(pipeline.deployed)
    assert components.require_servers(pipeline.deployed) == ["kafka: runs", "cassandra: runs"]
    pipeline.let_fail("cassandra")
    pipeline.stop("cassandra")
    with connection(pipeline.deployed.supervisor) as supervisor:
        supervisor.start("cassandra")
    pipeline.await_state("cassandra", *ENDED)
    with pytest.raises(
        AirflowException, match="cassandra does not run .(FATAL|EXITED).*The checkpoint"
    ) as failed:
        components.require_servers(pipeline.deployed)
    assert not isinstance(failed.value, AirflowFailException)


def test_start_fails_when_supervisord_does_not_answer(deploy: Callable[..., Any]) -> None:
    deployed = deploy(
        supervisor={"url": "unix:///none.sock", "user": "", "passwordFile": ""}, components=COMPONENTS
    )
    with pytest.raises(SupervisorError, match="supervisord does not answer at unix:///none.sock"):
        components.start(deployed)


def with_external_kafka(pipeline: Pipeline, address: str) -> Deployment:
    controlled = [
        component
        for component in pipeline.deployed.components
        if component.name in ("provision", "speed-layer")
    ]
    kafka = Component("kafka", 10, step=False, controlled=False, address=address)
    return dataclasses.replace(pipeline.deployed, components=[kafka, *controlled])


def test_checks_an_external_server_and_never_starts_it(pipeline: Pipeline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        deployed = with_external_kafka(pipeline, address)
        line = f"kafka: answers at {address}, not controlled by Airflow"
        assert line in components.start(deployed)
        assert line in components.check_health(deployed)
        assert "kafka: not controlled by Airflow" in components.stop(deployed)
    assert not [line for line in pipeline.journal() if line.startswith("kafka")]


def test_names_the_external_server_that_does_not_answer(pipeline: Pipeline) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(AirflowException, match=f"kafka does not answer at {address}.*ask its operator"):
        components.check_health(with_external_kafka(pipeline, address))
