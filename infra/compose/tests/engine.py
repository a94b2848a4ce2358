"""A dedicated stack in containers: a Compose project with its own name, ports and volumes."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import secrets
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Iterator

from launcher.airflow_client import AirflowClient

ROOT = Path(__file__).resolve().parents[3]
UP_SECONDS = 1_800
PUBLISHED = (
    *("AIRFLOW", "CASSANDRA", "KAFKA", "KAFKA_2", "KAFKA_3"),
    *("SPARK_MASTER", "KAFKA_UI"),
)


def until(condition: Callable[[], Any], what: str, seconds: float) -> Any:
    """Waits until the condition has a true value, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(3)
    return found


class Containers:
    """A running Compose project."""

    def __init__(self, env_file: Path | None) -> None:
        self._options = ["--env-file", str(env_file)] if env_file else []
        self.project = f"foldlog-{secrets.token_hex(4)}"
        self.port = dict(zip(PUBLISHED, _free_ports(len(PUBLISHED)), strict=True))
        self.url = f"http://127.0.0.1:{self.port['AIRFLOW']}"
        self.environment = {
            **os.environ,
            **{f"FOLDLOG_{name}_PORT": str(port) for name, port in self.port.items()},
            # random, so that runs at the same time have different networks
            "FOLDLOG_NETWORK": f"10.{random.randrange(64, 200)}.{random.randrange(256)}",
        }

    def compose(self, *arguments: str, seconds: float = 600, status: int | None = 0) -> str:
        """Runs a docker compose command on this project; returns its standard output."""
        ended = subprocess.run(
            ["docker", "compose", *self._options, "--project-name", self.project, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if status is not None:
            assert ended.returncode == status, ended.stdout + ended.stderr
        return ended.stdout

    def execute(self, service: str, *command: str, status: int | None = 0) -> str:
        """Runs a command in a service's container; returns its standard output."""
        return self.compose("exec", "--no-TTY", service, *command, status=status)

    def run_on_host(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Runs foldlog with the stack's secrets on the host's network."""
        options = [option for item in environment.items() for option in ("--env", "=".join(item))]
        secrets_volume = f"{self.project}_secrets:/var/lib/foldlog/state/secrets:ro"
        return subprocess.run(
            [
                *("docker", "run", "--rm", "--network", "host", "--volume", secrets_volume),
                *(*options, "--entrypoint", "foldlog", "foldlog:0.1.0", *arguments),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def services(self) -> list[str]:
        return self.compose("config", "--services").split()

    def state(self, service: str) -> tuple[str, str]:
        """State and health of the service as the engine reports them."""
        found = self.compose("ps", "--all", "--format", "json", service).splitlines()
        document = json.loads(found[0])
        return document["State"], document["Health"]

    def container(self, service: str) -> str:
        """The container ids of the service, one per line. They change when the service is recreated."""
        return self.compose("ps", "--quiet", service).strip()

    def await_healthy(self, service: str) -> None:
        until(
            lambda: self.state(service) in (("running", "healthy"), ("running", "")),
            f"{service} is healthy",
            300,
        )

    # pipeline

    def verify(self) -> str:
        return self.execute("spark-master", "foldlog", "verify", "--await", "120s")

    def rows(self) -> int:
        printed = self.execute(
            "cassandra", "cqlsh", "-e", "SELECT count(*) FROM spark_streams.created_users"
        )
        return int(next(line for line in printed.splitlines() if line.strip().isdigit()))

    # Airflow

    @functools.cached_property
    def client(self) -> AirflowClient:
        file = "/var/lib/foldlog/state/secrets/airflow-passwords.json"
        passwords = json.loads(self.execute("airflow-scheduler", "cat", file))
        return AirflowClient(self.url, "admin", passwords["admin"], 180)

    def unpause(self, *dags: str) -> None:
        for dag in dags:
            self.client.unpause(dag)

    def run(self, dag: str, seconds: float = 900, **parameters: Any) -> str:
        """Runs a DAG and asserts that the run succeeds; returns the run id."""
        body = {"logical_date": None, "conf": parameters}
        run = self.client.call("POST", f"/dags/{dag}/dagRuns", body)["dag_run_id"]
        path = f"/dags/{dag}/dagRuns/{run}"
        state = until(
            lambda: (found := self.client.call("GET", path)["state"]) in ("success", "failed") and found,
            f"{dag} {run} ends",
            seconds,
        )
        assert state == "success", self.client.call("GET", f"{path}/taskInstances")
        return run


@contextlib.contextmanager
def up(env_file: Path | None = None) -> Iterator[Containers]:
    """Builds and starts all services and waits until they are healthy; removes them at the end of the block."""
    containers = Containers(env_file)
    try:
        containers.compose("up", "--detach", "--build", "--wait", seconds=UP_SECONDS)
        yield containers
    except BaseException:
        print(containers.compose("logs", "--tail", "40", status=None))
        raise
    finally:
        containers.compose("down", "--volumes", "--remove-orphans", status=None)


def _free_ports(number: int) -> list[int]:
    # all sockets are open at the same time, so that the ports differ
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(number)]
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [bound.getsockname()[1] for bound in sockets]
