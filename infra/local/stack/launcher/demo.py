"""`make demo`: the whole story once, on a stack of its own that is gone afterwards."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from foldlog_airflow.parent_death import end_with_parent

from . import airflow, cqlsh, config as configs
from . import stack, status, supervision
from .airflow_client import ENDED, AirflowClient, Task
from .applications import command
from .config import Port, StackConfig
from .failures import ExitStatus, Failure
from .foreground import StatusLine
from .preflight import environment_name, is_free
from .programs import SPEED_LAYER
from .repository import ROOT, spark_environment, tool
from .signals import Stopped, stop_on_signals
from .submission import batch_layer
from .tools import install

FOLDER = ROOT / "var" / "demo"

# the id of each DAG's run; also the seed of what user_automation makes up
RUN = "demo"
DAGS = ("streaming_pipeline", "user_automation", "nightly_reconcile")

# some 2,000 registrations each, the first with updates and deletions among them
INGESTION: dict[str, dict[str, Any]] = {
    "synthetic": {"count": 150, "interval": 1, "duration": 19},
    "randomuser": {"count": 500, "interval": 1, "duration": 4},
}
VERIFIER_LIMIT_SECONDS = 120


def demo(source: str, screenshots: Path | None) -> ExitStatus:
    """Tells the story; whatever it started is ended when this returns.

    Where a folder for screenshots is named, pictures of Airflow's pages go there at the end.
    """
    environment = {
        **os.environ,
        "FOLDLOG_STACK_ROOT": str(FOLDER),
        **spark_environment(),
        "MALLOC_ARENA_MAX": "2",
        # the story is told by its own run alone, also over a full hour
        "FOLDLOG_STACK_AIRFLOW_INGESTION_SCHEDULE": "0 0 1 1 *",
    }
    _use_free_ports(environment)
    config = configs.resolve(environment)
    environment = config.environment(environment)
    with stop_on_signals():
        try:
            with stack.only_one(config):
                _forget_the_last_one(config)
            started = time.monotonic()
            with stack.up(config, environment, left_to_airflow=frozenset((SPEED_LAYER,))) as running:
                story = Story(config, environment, running, started)
                story.tell(source)
                if screenshots:
                    story.take(screenshots)
            print(f"\nDone in {time.monotonic() - started:.0f} s; nothing is left running. Logs: {config.logs}")
            return ExitStatus.SUCCESS
        except stack.Ended:
            raise Failure("The demo's stack was taken down from elsewhere.", ExitStatus.TERMINATED)
        except Stopped as stopped:
            print("\nStopped; nothing is left running.")
            return stopped.status


def _use_free_ports(environment: dict[str, str]) -> None:
    """Keeps the ports users know where they are free, so that a running stack is no hindrance."""
    ports = configs.resolve(environment).ports
    taken_here = {port.number for port in ports}
    for port in ports:
        if not is_free(port.number):
            number = _free_port(taken_here)
            taken_here.add(number)
            environment[environment_name(port.setting)] = str(number)
            print(f"{_describe(port)} is taken; the demo uses {number}")


def _describe(port: Port) -> str:
    return f"Port {port.number} ({port.setting})"


def _free_port(taken: set[int]) -> int:
    """Below the range that systems give to outgoing connections."""
    while True:
        number = random.randrange(15_000, 32_000)
        if number not in taken and is_free(number):
            return number


def _forget_the_last_one(config: StackConfig) -> None:
    for folder in (config.state, config.logs):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name != "run":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass
class Story:
    """The demo's steps, in order; each prints what it found."""

    config: StackConfig
    environment: dict[str, str]
    running: stack.RunningStack
    started: float
    most_memory: float = field(default=0.0)
    client: AirflowClient = field(init=False)

    def tell(self, source: str) -> None:
        self.heading("Kafka, Cassandra, PostgreSQL and Airflow start")
        self.running.await_ready(self.say)
        self.say(f"Airflow: {airflow.address(self.config)}; passwords: {airflow.passwords_file(self.config)}")
        self.client = airflow.client(self.config)
        self.heading("Airflow starts the speed layer: streaming_pipeline")
        self.dag("streaming_pipeline", {"action": "start"})
        self.heading(f"Airflow records users from the source {source}: user_automation")
        self.dag("user_automation", {"source": source, **INGESTION[source]})
        self.heading("The verifier waits until the view equals the fold of the log")
        self.verify()
        self.show_counts()
        self.heading("An operator damages the view through CQL")
        self.damage()
        self.heading("Airflow runs archive, fold, reconcile, maintain: nightly_reconcile")
        self.dag("nightly_reconcile")
        self.show_report(self.client.result("nightly_reconcile", RUN, "publish"))
        self.heading("A second reconcile finds no drift")
        self.batch("reconcile")
        self.heading("The verifier compares again")
        self.verify()
        self.show_rows()
        self.say(f"most memory of the whole stack at once: {self.most_memory:,.0f} MiB")

    def dag(self, dag: str, params: dict[str, Any] | None = None) -> None:
        """Unpauses and triggers the DAG, and follows the run to its end."""
        self.client.unpause(dag)
        self.client.trigger(dag, RUN, params or {})
        follower = TaskLines(sys.stdout)

        def show(tasks: list[Task]) -> None:
            follower.show(tasks)
            self.look()

        try:
            self.client.follow(dag, RUN, show)
        finally:
            follower.end()

    def show_report(self, report: dict[str, Any]) -> None:
        self.say(f"report: {report['file']}")
        for name in ("archive", "fold", "reconcile", "maintain"):
            figures = report["steps"][name][name]
            flat = {**figures, **figures.get("findings", {})}
            self.say(f"{name} " + " ".join(f"{key}={flat[key]}" for key in flat if key != "findings"))

    def look(self) -> None:
        """Fails when a program has ended for good; notes the memory."""
        self.running.check()
        self.most_memory = max(self.most_memory, self.running.resident_mebibytes())

    def take(self, pictures: Path) -> None:
        """Pictures of the DAGs' pages, by a browser."""
        install(("browser",))
        self.heading(f"Screenshots of the Airflow UI in {pictures}")
        screenshots = [
            str(tool("browser", "python")),
            str(Path(__file__).with_name("screenshots.py")),
            airflow.address(self.config),
            "viewer",
            str(airflow.passwords_file(self.config)),
            str(pictures),
            *DAGS,
        ]
        self.run("screenshots", screenshots)

    def heading(self, text: str) -> None:
        self.most_memory = max(self.most_memory, self.running.resident_mebibytes())
        print(f"\n[{time.monotonic() - self.started:4.0f} s] {text}", flush=True)

    def say(self, text: str) -> None:
        print("  " + text.replace("\n", "\n  "), flush=True)

    def run(self, name: str, command: list[str]) -> None:
        """Runs to the end and shows what is printed as it comes; a failure shows its log's end."""
        log = self.config.logs / f"{name}.log"
        with open(log, "ab") as errors, subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=lambda: end_with_parent(signal.SIGKILL),
        ) as process:
            shower = threading.Thread(target=self._show, args=(process,))
            shower.start()
            try:
                self._await_end(process)
            except BaseException:
                process.terminate()
                raise
            finally:
                shower.join()
        if process.returncode != 0:
            # a failure that a person can act on ends the log with its sentence
            known = process.returncode in {int(known) for known in ExitStatus}
            lines = 1 if known and process.returncode != ExitStatus.INTERNAL_ERROR else 15
            tail = supervision.log_tail(self.config, name, lines)
            raise Failure(f"{tail}\n(the log is {log})", process.returncode)

    def _show(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.say(line.rstrip())

    def _await_end(self, process: subprocess.Popen[str]) -> None:
        while True:
            try:
                process.wait(timeout=1)
                return
            except subprocess.TimeoutExpired:
                together = self.running.resident_mebibytes() + stack.resident_mebibytes(process.pid)
                self.most_memory = max(self.most_memory, together)
                self.running.check()

    def verify(self) -> None:
        self.run("verifier", command("admin", "verify", "--await", f"{VERIFIER_LIMIT_SECONDS}s"))

    def show_counts(self) -> None:
        found = status.look(self.environment)
        self.say(found.line())
        if found.speed_layer:
            layer = found.speed_layer
            self.say(
                f"log-to-view delay of {layer.delay_count:,} events: p50 {layer.delay_p50_millis:,} ms,"
                f" p99 {layer.delay_p99_millis:,} ms"
            )

    def damage(self) -> None:
        table = f"{self.config.view.keyspace}.created_users"
        found = cqlsh.execute(self.config, self.config.view.reader, f"SELECT id FROM {table} LIMIT 2")
        removed, overwritten = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", found)
        ghost = uuid.uuid4()
        for what, statement in (
            ("a row removed", f"DELETE FROM {table} WHERE id = {removed}"),
            ("a cell overwritten", f"UPDATE {table} SET city = 'Nowhere' WHERE id = {overwritten}"),
            ("a ghost row added", f"INSERT INTO {table} (id, city) VALUES ({ghost}, 'Nowhere')"),
        ):
            cqlsh.execute(self.config, self.config.view.admin, statement)
            self.say(f"{what}: {statement}")

    def batch(self, step: str) -> None:
        self.run("batch-layer", batch_layer(self.config, step))

    def show_rows(self) -> None:
        view = self.config.view
        statement = (
            "SELECT id, first_name, last_name, country, last_event_type"
            f" FROM {view.keyspace}.created_users LIMIT 5"
        )
        self.heading(f"cqlsh as {view.reader.user}: {statement}")
        self.say(cqlsh.execute(self.config, view.reader, statement).strip("\n"))


class TaskLines:
    """A line for each task once it has ended, and on a terminal a live one while it has not."""

    def __init__(self, out: IO[str]) -> None:
        self._line = StatusLine(out)
        self._live = out.isatty()
        self._ended: set[str] = set()

    def show(self, tasks: list[Task]) -> None:
        for task in tasks:
            if task.name in self._ended:
                continue
            text = f"  {task.name:<14} {task.state or 'waits'}"
            if task.attempt > 1:
                text += f", attempt {task.attempt}"
            if task.state in ENDED:
                self._ended.add(task.name)
                self._line.show(f"{text} ({task.seconds:.0f} s)")
                self._line.end()
            elif self._live and task.state:
                self._line.show(text)
                return

    def end(self) -> None:
        self._line.end()
