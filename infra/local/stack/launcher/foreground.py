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

# the status display prints the message of the program
REFUSED = (
    "The servers run, so that the commands of the following message can be executed."
    " Then ./foldlog down and ./foldlog up."
)


def run_in_foreground() -> ExitStatus:
    """Runs the stack until a signal, ./foldlog down, or the end of a program that is not a component."""
    config = configs.resolve(os.environ)
    line = StatusLine(sys.stdout)
    with stop_on_signals():
        try:
            with stack.up(config, config.environment(os.environ)) as running:
                print(f"Starting; logs in {config.logs}", flush=True)
                try:
                    running.await_ready(lambda text: print(text, flush=True))
                    _print_addresses(config)
                except stack.Refusal:
                    print(REFUSED, flush=True)
                try:
                    _show_status(running, line)
                finally:
                    line.end()
                    print("Stopping", flush=True)
        except stack.Ended:
            print("The stack was stopped.")
            return ExitStatus.SUCCESS
        except Stopped as stopped:
            print("The stack is down.")
            return stopped.status


def _print_addresses(config: StackConfig) -> None:
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


def _show_status(running: stack.RunningStack, line: "StatusLine") -> None:
    monitor = ProgramMonitor(running, {program.name for program in components(running.config)}, line)
    while True:
        follower = _start_follower(running.environment)
        try:
            _show(monitor, follower, line)
        finally:
            follower.kill()
            follower.wait()


def _show(monitor: "ProgramMonitor", follower: subprocess.Popen[str], line: "StatusLine") -> None:
    """Shows the follower's output until it ends. It ends when a server does not answer."""
    assert follower.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(follower.stdout, selectors.EVENT_READ)
        while True:
            for _ in selector.select(timeout=2):
                text = follower.stdout.readline()
                if not text:
                    return
                status.store(monitor.config, text)
                line.show(status.parse(text).line())
            monitor.check()


def _start_follower(environment: Mapping[str, str]) -> subprocess.Popen[str]:
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


class ProgramMonitor:
    """Checks for programs that have ended and are not restarted.

    The end of a component is printed once: the health run of the DAG streaming_pipeline starts it again.
    The end of any other program is a failure.
    """

    def __init__(self, running: stack.RunningStack, components: set[str], line: "StatusLine") -> None:
        self.config = running.config
        self._running = running
        self._components = components
        self._line = line
        self._reported: set[str] = set()

    def check(self) -> None:
        ended = {state.name: state for state in self._running.ended_programs()}
        for name, state in ended.items():
            failure = self._running.failure(state)
            if name not in self._components:
                raise failure
            if name not in self._reported:
                self._line.print(
                    f"{failure}\nAirflow's DAG streaming_pipeline starts it again, unless it is paused."
                )
        self._reported = set(ended)


class StatusLine:
    """A status line: overwritten on a terminal, else printed at each change."""

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

    def print(self, text: str) -> None:
        """Prints text that is not overwritten."""
        self.end()
        self._out.write(text + "\n")
        self._out.flush()

    def end(self) -> None:
        if self._overwrites and self._shown:
            self._out.write("\n")
            self._out.flush()
        self._shown = ""
