"""`make demo`: runs the whole pipeline once on a dedicated stack, which ends afterwards."""

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
from .airflow_client import END_STATES, AirflowClient, Task
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

# the run id of each DAG; also the seed of the events of user_automation
RUN = "demo"
DAGS = ("streaming_pipeline", "user_automation", "nightly_reconcile")

# about 2,000 registrations each; the synthetic source adds updates and deletions
INGESTION: dict[str, dict[str, Any]] = {
    "synthetic": {"count": 150, "interval": 1, "duration": 19},
    "randomuser": {"count": 500, "interval": 1, "duration": 4},
}
VERIFIER_TIMEOUT_SECONDS = 120


def demo(source: str, screenshots: Path | None) -> ExitStatus:
    """Runs the demo. All processes that it started have ended when this returns.

    :param screenshots: folder for screenshots of the Airflow UI, which are taken at the end; None for none
    """
    environment = {
        **os.environ,
        "FOLDLOG_STACK_ROOT": str(FOLDER),
        **spark_environment(),
        "MALLOC_ARENA_MAX": "2",
        # no scheduled run of user_automation during the demo
        "FOLDLOG_STACK_AIRFLOW_INGESTION_SCHEDULE": "0 0 1 1 *",
    }
    _use_free_ports(environment)
    config = configs.resolve(environment)
    environment = config.environment(environment)
    with stop_on_signals():
        try:
            with stack.exclusive(config):
                _delete_last_demo(config)
            started = time.monotonic()
            with stack.up(config, environment, left_to_airflow=frozenset((SPEED_LAYER,))) as running:
                steps = DemoSteps(config, environment, running, started)
                steps.run(source)
                if screenshots:
                    steps.take_screenshots(screenshots)
            print(f"\nDone in {time.monotonic() - started:.0f} s; nothing is left running. Logs: {config.logs}")
            return ExitStatus.SUCCESS
        except stack.Ended:
            raise Failure("The demo's stack was stopped by another process.", ExitStatus.TERMINATED)
        except Stopped as stopped:
            print("\nStopped; nothing is left running.")
            return stopped.status


def _use_free_ports(environment: dict[str, str]) -> None:
    """Sets free ports in place of taken ones, so that the demo can run beside another stack."""
    ports = configs.resolve(environment).ports
    used = {port.number for port in ports}
    for port in ports:
        if not is_free(port.number):
            number = _free_port(used)
            used.add(number)
            environment[environment_name(port.setting)] = str(number)
            print(f"{_describe(port)} is taken; the demo uses {number}")


def _describe(port: Port) -> str:
    return f"Port {port.number} ({port.setting})"


def _free_port(taken: set[int]) -> int:
    """A free port below the ephemeral port range."""
    while True:
        number = random.randrange(15_000, 32_000)
        if number not in taken and is_free(number):
            return number


def _delete_last_demo(config: StackConfig) -> None:
    for folder in (config.state, config.logs):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name != "run":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass
class DemoSteps:
    """The steps of the demo. Each prints its results."""

    config: StackConfig
    environment: dict[str, str]
    running: stack.RunningStack
    started: float
    peak_memory: float = field(default=0.0)
    client: AirflowClient = field(init=False)

    def run(self, source: str) -> None:
        self.heading("Kafka, Cassandra, PostgreSQL and Airflow start")
        self.running.await_ready(self.print_text)
        passwords = airflow.passwords_file(self.config)
        self.print_text(f"Airflow: {airflow.address(self.config)}; passwords: {passwords}")
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
        self.print_text(f"peak memory of the whole stack: {self.peak_memory:,.0f} MiB")

    def dag(self, dag: str, params: dict[str, Any] | None = None) -> None:
        """Unpauses and triggers the DAG, and shows the run's tasks until its end."""
        self.client.unpause(dag)
        self.client.trigger(dag, RUN, params or {})
        lines = TaskLines(sys.stdout)

        def show(tasks: list[Task]) -> None:
            lines.show(tasks)
            self.check_programs()

        try:
            self.client.follow(dag, RUN, show)
        finally:
            lines.end()

    def show_report(self, report: dict[str, Any]) -> None:
        self.print_text(f"report: {report['file']}")
        for name in ("archive", "fold", "reconcile", "maintain"):
            counters = report["steps"][name][name]
            flat = {**counters, **counters.get("findings", {}), **counters.get("unresolved", {})}
            values = (f"{key}={value}" for key, value in flat.items() if not isinstance(value, dict))
            self.print_text(f"{name} " + " ".join(values))

    def check_programs(self) -> None:
        """Fails if a program has ended and is not restarted; records the peak memory."""
        self.running.check()
        self.peak_memory = max(self.peak_memory, self.running.resident_mebibytes())

    def take_screenshots(self, folder: Path) -> None:
        """Takes screenshots of the DAGs' pages with a browser."""
        install(("browser",))
        self.heading(f"Screenshots of the Airflow UI in {folder}")
        argv = [
            str(tool("browser", "python")),
            str(Path(__file__).with_name("screenshots.py")),
            airflow.address(self.config),
            "viewer",
            str(airflow.passwords_file(self.config)),
            str(folder),
            *DAGS,
        ]
        self.run_program("screenshots", argv)

    def heading(self, text: str) -> None:
        self.peak_memory = max(self.peak_memory, self.running.resident_mebibytes())
        print(f"\n[{time.monotonic() - self.started:4.0f} s] {text}", flush=True)

    def print_text(self, text: str) -> None:
        print("  " + text.replace("\n", "\n  "), flush=True)

    def run_program(self, name: str, argv: list[str]) -> None:
        """Runs a program to its end and prints its output; raises Failure with the end of its log."""
        log = self.config.logs / f"{name}.log"
        with open(log, "ab") as errors, subprocess.Popen(
            argv,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=lambda: end_with_parent(signal.SIGKILL),
        ) as process:
            printer = threading.Thread(target=self._print_output, args=(process,))
            printer.start()
            try:
                self._await_end(process)
            except BaseException:
                process.terminate()
                raise
            finally:
                printer.join()
        if process.returncode != 0:
            # with a known exit status, the last line of the log is the message
            known = process.returncode in {int(status) for status in ExitStatus}
            lines = 1 if known and process.returncode != ExitStatus.INTERNAL_ERROR else 15
            tail = supervision.log_tail(self.config, name, lines)
            raise Failure(f"{tail}\n(the log is {log})", process.returncode)

    def _print_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.print_text(line.rstrip())

    def _await_end(self, process: subprocess.Popen[str]) -> None:
        while True:
            try:
                process.wait(timeout=1)
                return
            except subprocess.TimeoutExpired:
                memory = self.running.resident_mebibytes() + stack.resident_mebibytes(process.pid)
                self.peak_memory = max(self.peak_memory, memory)
                self.running.check()

    def verify(self) -> None:
        self.run_program("verifier", command("admin", "verify", "--await", f"{VERIFIER_TIMEOUT_SECONDS}s"))

    def show_counts(self) -> None:
        current = status.query(self.environment)
        self.print_text(current.line())
        if current.speed_layer:
            layer = current.speed_layer
            self.print_text(
                f"log-to-view delay of {layer.delay_count:,} events: p50 {layer.delay_p50_millis:,} ms,"
                f" p99 {layer.delay_p99_millis:,} ms"
            )

    def damage(self) -> None:
        table = f"{self.config.view.keyspace}.created_users"
        printed = cqlsh.execute(self.config, self.config.view.reader, f"SELECT id FROM {table} LIMIT 2")
        removed, overwritten = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", printed)
        ghost = uuid.uuid4()
        for description, statement in (
            ("a row removed", f"DELETE FROM {table} WHERE id = {removed}"),
            ("a cell overwritten", f"UPDATE {table} SET city = 'Nowhere' WHERE id = {overwritten}"),
            ("a ghost row added", f"INSERT INTO {table} (id, city) VALUES ({ghost}, 'Nowhere')"),
        ):
            cqlsh.execute(self.config, self.config.view.admin, statement)
            self.print_text(f"{description}: {statement}")

    def batch(self, step: str) -> None:
        self.run_program("batch-layer", batch_layer(self.config, step))

    def show_rows(self) -> None:
        view = self.config.view
        statement = (
            "SELECT id, first_name, last_name, country, last_event_type"
            f" FROM {view.keyspace}.created_users LIMIT 5"
        )
        self.heading(f"cqlsh as {view.reader.user}: {statement}")
        self.print_text(cqlsh.execute(self.config, view.reader, statement).strip("\n"))


class TaskLines:
    """Prints a line for each task at its end, and on a terminal a live line for the current task."""

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
            if task.state in END_STATES:
                self._ended.add(task.name)
                self._line.show(f"{text} ({task.seconds:.0f} s)")
                self._line.end()
            elif self._live and task.state:
                self._line.show(text)
                return

    def end(self) -> None:
        self._line.end()
