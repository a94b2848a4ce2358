"""The components' order and health on a real supervisord, its programs small scripts."""

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

# FATAL; on a busy machine a program ends later than supervisord counts as a start, and is EXITED
ENDED = ("FATAL", "EXITED")

COMPONENTS = [
    {"name": "kafka", "order": 10, "controlled": True},
    {"name": "cassandra", "order": 10, "controlled": True},
    {"name": "provision", "order": 20, "step": True, "controlled": True},
    {"name": "speed-layer", "order": 30, "controlled": True},
]

# notes its start and its end; with a file of its name ending in .refuses it ends at once, in words,
# or after the seconds that the file says; the speed layer writes its status, and leaves as its
# result what the file speed-layer.leaves holds
PROGRAM = """
import datetime, json, os, shutil, signal, sys, time
name, folder = sys.argv[1:]
def note(what):
    with open(os.path.join(folder, "journal"), "a") as journal:
        journal.write(f"{name} {what}\\n")
def end(*_):
    note("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("starts")
refusal = os.path.join(folder, name + ".refuses")
if os.path.exists(refusal):
    time.sleep(float(open(refusal).read()))
    leaves = os.path.join(folder, name + ".leaves")
    if os.path.exists(leaves):
        shutil.copyfile(leaves, os.path.join(folder, "result.json"))
    print("2026-01-01T00:00:00.000Z INFO  SpeedLayer trigger=continuous", flush=True)
    print("The checkpoint belongs to another trigger: remove it.", flush=True)
    sys.exit(2)
if name == "provision":
    sys.exit(0)
if name == "speed-layer":
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    with open(os.path.join(folder, "status.part"), "w") as status:
        json.dump({"updated": now.replace("+00:00", "Z"), "lag": 7, "state": "running",
            "trigger": "continuous", "epoch": 1,
            "delay": {"run": {"count": 0, "p50-ms": 0, "p99-ms": 0}}}, status)
    os.replace(status.name, os.path.join(folder, "status.json"))
time.sleep(600)
"""


class Pipeline:
    """The supervisord, and what its programs have noted."""

    def __init__(self, folder: Path, deployed: Deployment) -> None:
        self.folder = folder
        self.deployed = deployed

    def journal(self) -> list[str]:
        return (self.folder / "journal").read_text().splitlines()

    def forget(self) -> None:
        (self.folder / "journal").write_text("")

    def refuse(self, name: str, after_seconds: float = 0) -> None:
        (self.folder / f"{name}.refuses").write_text(str(after_seconds))

    def leave(self, message: str, *, retryable: bool) -> None:
        """What the speed layer leaves as its result when it refuses."""
        document = {"message": message, "retryable": retryable}
        (self.folder / "speed-layer.leaves").write_text(json.dumps(document))

    def allow(self, name: str) -> None:
        (self.folder / f"{name}.refuses").unlink()

    def state(self, name: str) -> str:
        with connection(self.deployed.supervisor) as supervisor:
            return supervisor.state(name).state

    def stop(self, name: str) -> None:
        with connection(self.deployed.supervisor) as supervisor:
            supervisor.stop(name)

    def await_state(self, name: str, *states: str) -> None:
        until(lambda: self.state(name) in states, f"{name} is {states}", 30)

    def end_speed_layer_after_a_while(self) -> None:
        """All run; then the speed layer is started again, and ends later than supervisord looks."""
        components.start(self.deployed)
        self.stop("speed-layer")
        self.refuse("speed-layer", after_seconds=2)
        with connection(self.deployed.supervisor) as supervisor:
            supervisor.start("speed-layer")
        self.await_state("speed-layer", "EXITED")
        self.forget()


@pytest.fixture
def pipeline(
    tmp_path: Path, deploy: Callable[..., Any], request: pytest.FixtureRequest
) -> Iterator[Pipeline]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    (tmp_path / "journal").touch()
    password = tmp_path / "password"
    password.write_text("a-password\n")
    # a unix socket's path may not be long
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
        until(lambda: answers(running), "supervisord answers", 30)
        yield running
    finally:
        process.terminate()
        process.wait(30)
        socket_file.unlink(missing_ok=True)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(pipeline: Pipeline) -> bool:
    try:
        return bool(pipeline.state("kafka"))
    except SupervisorError:
        return False


def test_starts_and_stops_in_the_order_of_needs(pipeline: Pipeline) -> None:
    assert components.start(pipeline.deployed) == [
        "kafka: started",
        "cassandra: started",
        "provision: done",
        "speed-layer: started",
    ]
    assert sorted(pipeline.journal()[:2]) == ["cassandra starts", "kafka starts"]
    assert pipeline.journal()[2:] == ["provision starts", "speed-layer starts"]
    pipeline.forget()
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
def test_speaks_to_a_supervisor_that_wants_a_login(pipeline: Pipeline) -> None:
    assert components.start(pipeline.deployed)[3] == "speed-layer: started"
    password = Path(pipeline.deployed.supervisor.password_file)
    password.write_text("another\n")
    with pytest.raises(SupervisorError, match="supervisord does not answer .*401 Unauthorized"):
        components.check_health(pipeline.deployed)


def test_provisions_again_only_after_a_server_was_started(pipeline: Pipeline) -> None:
    components.start(pipeline.deployed)
    pipeline.forget()
    pipeline.stop("speed-layer")
    components.start(pipeline.deployed)
    assert pipeline.journal() == ["speed-layer ends", "speed-layer starts"]
    pipeline.forget()
    pipeline.stop("kafka")
    components.start(pipeline.deployed)
    assert pipeline.journal() == ["kafka ends", "kafka starts", "provision starts"]


def test_a_start_fails_with_the_words_of_what_cannot(pipeline: Pipeline) -> None:
    pipeline.refuse("provision")
    with pytest.raises(AirflowFailException) as failed:
        components.start(pipeline.deployed)
    assert str(failed.value) == (
        "provision does not run (EXITED, status 2); its last message: The checkpoint belongs to"
        " another trigger: remove it."
    )
    assert "speed-layer starts" not in pipeline.journal()


def test_health_starts_what_was_given_up(pipeline: Pipeline) -> None:
    pipeline.refuse("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    assert pipeline.state("speed-layer") in ENDED
    pipeline.allow("speed-layer")
    pipeline.forget()
    assert components.check_health(pipeline.deployed) == [
        "kafka: runs",
        "cassandra: runs",
        "provision: done",
        "speed-layer: had ended, started again (try 1)",
    ]
    assert pipeline.journal() == ["speed-layer starts"]
    pipeline.forget()
    assert components.check_health(pipeline.deployed)[3] == "speed-layer: runs"
    assert pipeline.journal() == []


def test_health_fails_after_three_tries_with_the_last_words(pipeline: Pipeline) -> None:
    pipeline.refuse("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    pipeline.forget()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert re.fullmatch(
        r"speed-layer does not run \((FATAL|EXITED, status 2)\); its last message: The checkpoint"
        r" belongs to another trigger: remove it\.",
        str(failed.value),
    )
    # three tries; of an ending that supervisord takes for a failed start, startretries makes two
    starts = pipeline.journal()
    assert set(starts) == {"speed-layer starts"}
    assert 3 <= len(starts) <= 6


@pytest.mark.parametrize("retryable, tries", [(False, 1), (True, 3)])
def test_health_tries_again_only_where_the_result_says_that_it_can_help(
    pipeline: Pipeline, retryable: bool, tries: int
) -> None:
    pipeline.leave("The checkpoint belongs to the trigger micro-batch.", retryable=retryable)
    pipeline.end_speed_layer_after_a_while()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert str(failed.value) == (
        "speed-layer does not run (EXITED, status 2); it says: The checkpoint belongs to the trigger"
        " micro-batch."
    )
    assert pipeline.journal() == ["speed-layer starts"] * tries


def test_a_result_of_an_earlier_start_says_nothing_of_this_one(pipeline: Pipeline) -> None:
    pipeline.leave("The checkpoint belongs to the trigger micro-batch.", retryable=False)
    pipeline.refuse("speed-layer")
    with pytest.raises(AirflowFailException, match="it says: The checkpoint belongs to the trigger micro"):
        components.start(pipeline.deployed)
    (pipeline.folder / "speed-layer.leaves").unlink()
    os.utime(pipeline.folder / "result.json", (1, 1))
    with pytest.raises(AirflowFailException, match="its last message: The checkpoint belongs to another"):
        components.check_health(pipeline.deployed)


def test_what_ends_after_a_while_does_not_count_as_running(pipeline: Pipeline) -> None:
    pipeline.end_speed_layer_after_a_while()
    with pytest.raises(AirflowFailException) as failed:
        components.check_health(pipeline.deployed)
    assert str(failed.value) == (
        "speed-layer does not run (EXITED, status 2); its last message: The checkpoint belongs to"
        " another trigger: remove it."
    )
    assert pipeline.journal() == ["speed-layer starts"] * 3


def test_health_leaves_alone_what_was_stopped_and_what_needs_it(pipeline: Pipeline) -> None:
    components.start(pipeline.deployed)
    pipeline.stop("kafka")
    pipeline.refuse("speed-layer")
    pipeline.stop("speed-layer")
    with connection(pipeline.deployed.supervisor) as supervisor:
        supervisor.start("speed-layer")
    pipeline.await_state("speed-layer", *ENDED)
    pipeline.forget()
    assert components.check_health(pipeline.deployed) == [
        "kafka: stopped by an operator, not started",
        "cassandra: runs",
        "provision: done",
        "speed-layer: waits for kafka",
    ]
    assert pipeline.journal() == []


def test_what_was_given_up_can_be_stopped_for_good(pipeline: Pipeline) -> None:
    pipeline.refuse("speed-layer")
    with pytest.raises(AirflowFailException):
        components.start(pipeline.deployed)
    components.stop(pipeline.deployed)
    assert pipeline.state("speed-layer") == "STOPPED"
    components.check_health(pipeline.deployed)
    assert pipeline.state("speed-layer") == "STOPPED"


def test_servers_are_required_before_anything_is_produced(pipeline: Pipeline) -> None:
    with pytest.raises(AirflowFailException, match="kafka was stopped: start it by"):
        components.require_servers(pipeline.deployed)
    components.start(pipeline.deployed)
    assert components.require_servers(pipeline.deployed) == ["kafka: runs", "cassandra: runs"]
    pipeline.refuse("cassandra")
    pipeline.stop("cassandra")
    with connection(pipeline.deployed.supervisor) as supervisor:
        supervisor.start("cassandra")
    pipeline.await_state("cassandra", *ENDED)
    with pytest.raises(AirflowException, match="cassandra does not run .(FATAL|EXITED).*The checkpoint") as away:
        components.require_servers(pipeline.deployed)
    assert not isinstance(away.value, AirflowFailException)


def test_says_that_supervisord_does_not_answer(deploy: Callable[..., Any]) -> None:
    deployed = deploy(
        supervisor={"url": "unix:///none.sock", "user": "", "passwordFile": ""}, components=COMPONENTS
    )
    with pytest.raises(SupervisorError, match="supervisord does not answer at unix:///none.sock"):
        components.start(deployed)


def with_server_of_others(pipeline: Pipeline, address: str) -> Deployment:
    mine = [each for each in pipeline.deployed.components if each.name in ("provision", "speed-layer")]
    kafka = Component("kafka", 10, step=False, controlled=False, address=address)
    return dataclasses.replace(pipeline.deployed, components=[kafka, *mine])


def test_a_server_that_somebody_else_runs_is_looked_at_and_never_started(pipeline: Pipeline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        deployed = with_server_of_others(pipeline, address)
        line = f"kafka: answers at {address}, not controlled by Airflow"
        assert line in components.start(deployed)
        assert line in components.check_health(deployed)
        assert "kafka: not controlled by Airflow" in components.stop(deployed)
    assert not [noted for noted in pipeline.journal() if noted.startswith("kafka")]


def test_it_says_which_server_of_somebody_else_does_not_answer(pipeline: Pipeline) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(AirflowException, match=f"kafka does not answer at {address}.*ask its operator"):
        components.check_health(with_server_of_others(pipeline, address))
