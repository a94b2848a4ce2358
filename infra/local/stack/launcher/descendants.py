"""The processes that descend from this one: counted while they run, reaped and ended; Linux only."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

INTERVAL_SECONDS = 0.5
ORDERLY_END_SECONDS = 60

KAFKA = "Kafka servers"
CASSANDRA = "Cassandra servers"
SPARK = "Spark processes"
# what spark-submit asks for the driver's command line, which the driver's JVM then has
SPARK_COMMAND_LINE = "org.apache.spark.launcher.Main"
# the SparkContexts of test JVMs are counted by the tests themselves
TEST_JVM = "surefirebooter"


def kind_of(command: list[str]) -> str | None:
    """What a command line starts, when it is a JVM of one of the kinds that are counted."""
    if not command or Path(command[0]).name != "java":
        return None
    words = set(_expanded(command))
    if SPARK_COMMAND_LINE in words or any(Path(word).name.startswith(TEST_JVM) for word in words):
        return None
    if "kafka.Kafka" in words:
        return KAFKA
    if any(word.rpartition(".")[2] == "CassandraDaemon" for word in words):
        return CASSANDRA
    if "org.apache.spark.deploy.SparkSubmit" in words or any(
        word.startswith("-Dspark.master=") for word in words
    ):
        return SPARK
    return None


def _expanded(command: list[str]) -> list[str]:
    """With the words of argument files in place of their names."""
    words: list[str] = []
    for word in command:
        words.append(word)
        if word.startswith("@"):
            with contextlib.suppress(OSError):
                text = Path(word[1:]).read_text(encoding="utf-8", errors="replace")
                words += [each.strip("\"'") for each in text.split()]
    return words


class Descendants:
    """Looks at /proc again and again, as a context, and knows what it has seen."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], str] = {}
        # a JVM that is about to start a program is, for a moment, two with one command line
        self._candidates: dict[tuple[int, str], str] = {}
        self._watched: set[int] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="descendants", daemon=True)

    def __enter__(self) -> Descendants:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def watch(self, child: int) -> None:
        """Leaves the reaping of a child to its owner."""
        self._watched.add(child)

    def counts(self) -> dict[str, int]:
        """How many of each kind have been seen."""
        kinds = list(self._seen.values())
        return {kind: kinds.count(kind) for kind in (KAFKA, CASSANDRA, SPARK)}

    def end(self) -> None:
        """Ends all that still run, in order first, then by force, and reaps them."""
        deadline = time.monotonic() + ORDERLY_END_SECONDS
        for number in (signal.SIGTERM, signal.SIGKILL):
            signalled: set[int] = set()
            while living := self._living():
                for process in living - signalled:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, number)
                signalled |= living
                self._reap()
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            deadline = time.monotonic() + 10
        # the threads of a process may outlive its first one, which is all that the process table shows
        while not self._reap() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _reap(self) -> bool:
        """Takes the status of every child that has ended, now that no other code waits for one.

        Whether no child is left.
        """
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False

    def _living(self) -> set[int]:
        return {process for process, state, _, _ in _tree(os.getpid()) if state != "Z"}

    def _look(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            self.sample()

    def sample(self) -> None:
        """One look: counts what is of a kind for the second time, and reaps orphans that have ended."""
        now: dict[tuple[int, str], str] = {}
        for process, state, parent, started in _tree(os.getpid()):
            if state == "Z":
                if parent == os.getpid() and process not in self._watched:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(process, os.WNOHANG)
                continue
            identity = (process, started)
            if identity not in self._seen and (kind := kind_of(_command(process))):
                now[identity] = kind
        for identity, kind in now.items():
            if self._candidates.get(identity) == kind:
                self._seen[identity] = kind
        self._candidates = now


def _command(process: int) -> list[str]:
    try:
        line = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return []
    return line.decode(errors="replace").rstrip("\0").split("\0")


def _tree(root: int) -> list[tuple[int, str, int, str]]:
    """Pid, state, parent and start time of all that descend from a process."""
    processes: dict[int, tuple[str, int, str]] = {}
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{name}/stat").read_bytes().decode(errors="replace")
                # the program's name, in brackets, may hold anything
                fields = stat.rpartition(")")[2].split()
                processes[int(name)] = (fields[0], int(fields[1]), fields[19])

    def descends(process: int) -> bool:
        while process in processes:
            process = processes[process][1]
            if process == root:
                return True
        return False

    return [(process, *of) for process, of in processes.items() if descends(process)]
