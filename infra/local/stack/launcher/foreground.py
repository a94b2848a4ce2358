"""`./foldlog up`: the stack in the foreground with a live status line."""

import os
import selectors
import signal
import subprocess
import sys
from typing import IO, Mapping

from foldlog_airflow.parent_death import end_with_parent

from . import config as configs
from . import airflow, stack, status
from .applications import command
from .config import StackConfig
from .failures import ExitStatus
from .programs import components
from .repository import ROOT
from .signals import Stopped, stop_on_signals


def run_in_foreground() -> ExitStatus:
    """Runs until a signal, ./foldlog down, or a program that cannot go on; then all is ended."""
    config = configs.resolve(os.environ)
    line = StatusLine(sys.stdout)
    with stop_on_signals():
        try:
            with stack.up(config, config.environment(os.environ)) as running:
                print(f"Starting; logs in {config.logs}", flush=True)
                running.await_ready(lambda text: print(text, flush=True))
                _say_where(config)
                try:
                    _watch(running, line)
                finally:
                    line.end()
                    print("Stopping", flush=True)
        except stack.Ended:
            print("The stack was taken down.")
            return ExitStatus.SUCCESS
        except Stopped as stopped:
            print("The stack is down.")
            return stopped.status


def _say_where(config: StackConfig) -> None:
    print(
        "The stack is up: "
        + ", ".join(
            (
                f"Kafka {config.bootstrap_servers}",
                f"Cassandra {config.view.host}:{config.view.port}",
                f"Spark UI http://127.0.0.1:{config.speed_layer.ui_port}",
            )
        )
        + ". Ctrl-C or ./foldlog down ends it."
    )
    print(
        f"Airflow: {airflow.address(config)}, as {' or '.join(airflow.USERS)};"
        f" their passwords are in {airflow.passwords_file(config)}"
    )
    sys.stdout.flush()


def _watch(running: stack.RunningStack, line: "StatusLine") -> None:
    watch = Watch(running, {program.name for program in components(running.config)}, line)
    while True:
        follower = _follow(running.environment)
        try:
            _show(watch, follower, line)
        finally:
            follower.kill()
            follower.wait()


def _show(watch: "Watch", follower: subprocess.Popen[str], line: "StatusLine") -> None:
    """Shows what the follower prints until it ends, which it does when a server does not answer."""
    assert follower.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(follower.stdout, selectors.EVENT_READ)
        while True:
            for _ in selector.select(timeout=2):
                text = follower.stdout.readline()
                if not text:
                    return
                status.keep(watch.config, text)
                line.show(status.parse(text).line())
            watch.look()


def _follow(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("admin", "status", "--follow"),
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: end_with_parent(signal.SIGKILL),
    )


class Watch:
    """Looks for programs that ended for good: one of the pipeline's is told, another is the end.

    The pipeline's own are started again by the health run of the DAG streaming_pipeline.
    """

    def __init__(self, running: stack.RunningStack, pipeline: set[str], line: "StatusLine") -> None:
        self.config = running.config
        self._running = running
        self._pipeline = pipeline
        self._line = line
        self._told: set[str] = set()

    def look(self) -> None:
        broken = {state.name: state for state in self._running.broken()}
        for name, state in broken.items():
            failure = self._running.failure(state)
            if name not in self._pipeline:
                raise failure
            if name not in self._told:
                self._line.tell(f"{failure}\nAirflow's DAG streaming_pipeline starts it again, unless it is paused.")
        self._told = set(broken)


class StatusLine:
    """A line that is written over on a terminal, and a line each time it changes elsewhere."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._overwrites = out.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        if text == self._shown:
            return
        if self._overwrites:
            self._out.write("\r\033[K" + text)
        else:
            self._out.write(text + "\n")
        self._out.flush()
        self._shown = text

    def tell(self, text: str) -> None:
        """Text that stays."""
        self.end()
        self._out.write(text + "\n")
        self._out.flush()

    def end(self) -> None:
        if self._overwrites and self._shown:
            self._out.write("\n")
            self._out.flush()
        self._shown = ""
