"""Counts, reaps and ends the descendants of this process (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

INTERVAL_SECONDS = 0.5
TERMINATE_TIMEOUT_SECONDS = 60

KAFKA = "Kafka servers"
CASSANDRA = "Cassandra servers"
SPARK = "Spark processes"
# the process that computes the driver's command line for spark-submit; it contains the driver's arguments
SPARK_COMMAND_LINE = "org.apache.spark.launcher.Main"
# the tests count the SparkContexts of test JVMs themselves
TEST_JVM = "surefirebooter"


def kind_of(command: list[str]) -> str | None:
    """The kind of server that the command line starts; None if it is not counted."""
    if not command or Path(command[0]).name != "java":
        return None
    arguments = set(_expanded(command))
    is_test_jvm = any(Path(argument).name.startswith(TEST_JVM) for argument in arguments)
    if SPARK_COMMAND_LINE in arguments or is_test_jvm:
        return None
    if "kafka.Kafka" in arguments:
        return KAFKA
    if any(argument.rpartition(".")[2] == "CassandraDaemon" for argument in arguments):
        return CASSANDRA
    if "org.apache.spark.deploy.SparkSubmit" in arguments or any(
        argument.startswith("-Dspark.master=") for argument in arguments
    ):
        return SPARK
    return None


def _expanded(command: list[str]) -> list[str]:
    """The command line, followed by the content of its argument files."""
    arguments: list[str] = []
    for argument in command:
        arguments.append(argument)
        if argument.startswith("@"):
            with contextlib.suppress(OSError):
                text = Path(argument[1:]).read_text(encoding="utf-8", errors="replace")
                arguments += [part.strip("\"'") for part in text.split()]
    return arguments


class Descendants:
    """A context that samples /proc periodically and counts the descendants by kind."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], str] = {}
        # seen once: a JVM that forks to start a program briefly appears as two processes
        self._candidates: dict[tuple[int, str], str] = {}
        self._not_reaped: set[int] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sample_periodically, name="descendants", daemon=True)

    def __enter__(self) -> Descendants:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def exclude_from_reaping(self, child: int) -> None:
        """Leaves the child to the code that waits for it."""
        self._not_reaped.add(child)

    def counts(self) -> dict[str, int]:
        """The number of processes by kind since the start."""
        kinds = list(self._seen.values())
        return {kind: kinds.count(kind) for kind in (KAFKA, CASSANDRA, SPARK)}

    def end(self) -> None:
        """Sends SIGTERM to all descendants, after a timeout SIGKILL, and reaps them."""
        deadline = time.monotonic() + TERMINATE_TIMEOUT_SECONDS
        for number in (signal.SIGTERM, signal.SIGKILL):
            signalled: set[int] = set()
            while running := self._running():
                for process in running - signalled:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, number)
                signalled |= running
                self._reap()
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            deadline = time.monotonic() + 10
        # other threads of a process may outlive its main thread, but /proc shows only the main thread's state
        while not self._reap() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _reap(self) -> bool:
        """Reaps all ended children; no other code may wait for a child. Returns whether none is left."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False

    def _running(self) -> set[int]:
        return {process for process, state, _, _ in _tree(os.getpid()) if state != "Z"}

    def _sample_periodically(self) -> None:
        while not self._stopped.wait(INTERVAL_SECONDS):
            self.sample()

    def sample(self) -> None:
        """Counts processes that were also in the previous sample, and reaps ended orphans."""
        current: dict[tuple[int, str], str] = {}
        for process, state, parent, started in _tree(os.getpid()):
            if state == "Z":
                if parent == os.getpid() and process not in self._not_reaped:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(process, os.WNOHANG)
                continue
            identity = (process, started)
            if identity not in self._seen and (kind := kind_of(_command(process))):
                current[identity] = kind
        for identity, kind in current.items():
            if self._candidates.get(identity) == kind:
                self._seen[identity] = kind
        self._candidates = current


def _command(process: int) -> list[str]:
    try:
        line = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return []
    return line.decode(errors="replace").rstrip("\0").split("\0")


def _tree(root: int) -> list[tuple[int, str, int, str]]:
    """Pid, state, parent and start time of all descendants of a process."""
    processes: dict[int, tuple[str, int, str]] = {}
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{name}/stat").read_bytes().decode(errors="replace")
                # the program's name, in parentheses, may contain any character
                fields = stat.rpartition(")")[2].split()
                processes[int(name)] = (fields[0], int(fields[1]), fields[19])

    def descends(process: int) -> bool:
        while process in processes:
            process = processes[process][1]
            if process == root:
                return True
        return False

    return [(process, *values) for process, values in processes.items() if descends(process)]
