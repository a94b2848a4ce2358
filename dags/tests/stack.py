"""A dedicated local stack that `./foldlog up` runs, with access to Airflow's REST API."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Iterator

from environments import PLAIN, Checkout, Environment, checkout
from launcher.airflow_client import AirflowClient

PORTS = (
    "KAFKA_PORT",
    "KAFKA_CONTROLLER_PORT",
    "CASSANDRA_PORT",
    "CASSANDRA_STORAGE_PORT",
    "SPEED_LAYER_UI_PORT",
    "BATCH_LAYER_UI_PORT",
    "POSTGRESQL_PORT",
    "AIRFLOW_PORT",
)
DAGS = ("nightly_reconcile", "streaming_pipeline", "user_automation")


def until(condition: Callable[[], Any], what: str, seconds: float) -> Any:
    """Waits until the condition has a true value, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(1)
    return found


class Stack:
    """The running stack."""

    def __init__(self, checkout: Checkout, environment: dict[str, str]) -> None:
        self.checkout = checkout
        self.folder = checkout.folder
        self.environment = environment
        self.url = f"http://127.0.0.1:{environment['FOLDLOG_STACK_AIRFLOW_PORT']}"
        self._clients: dict[str, AirflowClient] = {}

    # programs

    def launch(self, *arguments: str, status: int = 0) -> str:
        """Runs a foldlog command to its end; returns its standard output."""
        ended = subprocess.run(
            self.checkout.command(*arguments),
            cwd="/",
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert ended.returncode == status, ended.stdout + ended.stderr
        return ended.stdout

    def processes(self, text: str) -> list[int]:
        """The process ids of this stack whose command line contains the text (Linux)."""
        own_variable = f"FOLDLOG_STACK_ROOT={self.folder}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if text in command and own_variable in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return found

    def kill_task_of(self, command: str) -> None:
        """Sends SIGKILL to the process of the task that started the application."""
        application = until(lambda: self.processes(command), f"{command} runs", 120)[0]
        status = Path(f"/proc/{application}/status").read_text()
        task = int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])
        os.kill(task, signal.SIGKILL)
        until(lambda: application not in self.processes(command), "the application ends with the task", 10)

    def supervisor(self) -> Any:
        from foldlog_airflow.supervisor import SupervisorAddress, connection

        socket_file = self.folder / "state/run/supervisor.sock"
        return connection(SupervisorAddress(f"unix://{socket_file}"))

    def state(self, component: str) -> str:
        with self.supervisor() as supervisor:
            return supervisor.state(component).state

    # Airflow

    def client(self, user: str = "admin") -> AirflowClient:
        if user not in self._clients:
            passwords = json.loads((self.folder / "state/secrets/airflow-passwords.json").read_text())
            self._clients[user] = AirflowClient(self.url, user, passwords[user], 60)
        return self._clients[user]

    def get(self, path: str) -> Any:
        return self.client().call("GET", f"/{path}")

    def trigger(
        self, dag: str, parameters: dict[str, Any], run: str | None = None, user: str = "admin"
    ) -> tuple[int, Any]:
        """HTTP status and document of the response."""
        body = {"logical_date": None, "conf": parameters, **({"dag_run_id": run} if run else {})}
        return self.client(user).ask("POST", f"/dags/{dag}/dagRuns", body)

    def start(self, dag: str, **parameters: Any) -> str:
        """Triggers a DAG; returns the run id."""
        status, document = self.trigger(dag, parameters)
        assert status == 200, document
        return document["dag_run_id"]

    def await_end(self, dag: str, run: str, seconds: float = 300) -> str:
        """Waits until the run ends; returns its state."""
        path = f"dags/{dag}/dagRuns/{run}"
        return until(
            lambda: (found := self.get(path)["state"]) in ("success", "failed") and found,
            f"{dag} {run} ends",
            seconds,
        )

    def run(self, dag: str, seconds: float = 300, **parameters: Any) -> str:
        """Runs a DAG and asserts that the run succeeds; returns the run id."""
        run = self.start(dag, **parameters)
        assert self.await_end(dag, run, seconds) == "success", self.tasks(dag, run)
        return run

    def tasks(self, dag: str, run: str) -> dict[str, tuple[str, int]]:
        """State and number of tries of each task."""
        found = self.get(f"dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {task["task_id"]: (task["state"], task["try_number"]) for task in found}

    def result(self, dag: str, run: str, task: str) -> Any:
        path = f"dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        return self.get(path)["value"]

    def log(self, dag: str, run: str, task: str, number: int = 1) -> str:
        return json.dumps(
            self.get(f"dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{number}?full_content=true")
        )

    def await_log(self, task: tuple[str, str, str], *texts: str) -> None:
        """Waits for texts in a task's log, because the last lines are written after the task's state."""
        until(
            lambda: all(text in self.log(*task) for text in texts), f"the log of {task} has {texts}", 60
        )

    # Cassandra

    def rows(self) -> list[str]:
        """Every row of the view with the writetime of its `last_event_id`."""
        query = (
            "SELECT JSON id, first_name, last_name, email, city, phone, last_event_id,"
            " last_event_time, writetime(last_event_id) FROM spark_streams.created_users"
        )
        printed = self.launch("cqlsh", "-e", f"PAGING OFF; {query}")
        return sorted(line.strip() for line in printed.splitlines() if line.strip().startswith("{"))

    def verify(self) -> None:
        self.launch("verify", "--await", "60s")


@contextlib.contextmanager
def running(environment: Environment = PLAIN) -> Iterator[Stack]:
    """Starts a stack in an environment; stops it and deletes its folder at the end of the block."""
    with checkout(environment) as created:
        variables = {
            **created.variables,
            "FOLDLOG_STACK_ROOT": str(created.folder),
            # the runs are too short for the optimizing compiler to pay off
            "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1",
            # no scheduled run during the tests
            "FOLDLOG_STACK_AIRFLOW_INGESTION_SCHEDULE": "0 0 1 1 *",
            "FOLDLOG_STACK_AIRFLOW_HEALTH_SCHEDULE": "0 0 1 1 *",
            "FOLDLOG_STACK_AIRFLOW_NIGHTLY_SCHEDULE": "0 0 1 1 *",
            "FOLDLOG_STACK_AIRFLOW_RETRY_DELAY": "5 seconds",
            **{f"FOLDLOG_STACK_{name}": str(port) for name, port in zip(PORTS, free_ports())},
        }
        stack = Stack(created, variables)
        with open(created.folder / "up.log", "wb") as log:
            up = subprocess.Popen(created.command("up"), cwd="/", env=variables, stdout=log, stderr=log)
        try:
            until(lambda: ready(up, stack), f"the stack is up (see {created.folder}/up.log)", 300)
            yield stack
        except BaseException:
            print((created.folder / "up.log").read_text(encoding="utf-8")[-4000:])
            raise
        finally:
            up.terminate()
            up.wait(240)


def ready(up: subprocess.Popen[bytes], stack: Stack) -> bool:
    """Whether Airflow has parsed all DAGs and the speed layer runs."""
    assert up.poll() is None, (stack.folder / "up.log").read_text(encoding="utf-8")
    try:
        known = {dag["dag_id"] for dag in stack.get("dags")["dags"]}
        return known == set(DAGS) and stack.state("speed-layer") == "RUNNING"
    except Exception:  # noqa: BLE001 — any failure means: not ready yet
        return False


def free_ports() -> list[int]:
    # all sockets are open at the same time, so that the ports differ
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in PORTS]
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [bound.getsockname()[1] for bound in sockets]
