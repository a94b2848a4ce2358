"""`make test`: every part of the verification, whatever an earlier part found, and a summary."""

from __future__ import annotations

import difflib
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO

from foldlog_airflow.parent_death import adopt_orphans

from .descendants import Descendants
from .failures import ExitStatus, Failure
from .repository import PYTHON_PATH, ROOT, spark_environment, tool
from .results import ClassResult, java_results, pytest_results
from .signals import Stopped, stop_on_signals

LEDGER_VARIABLE = "TEST_LEDGER_FILE"
LAUNCHER_TESTS = "infra/local/stack/tests"
DAG_TESTS = "dags/tests"
# of these, those that run the DAGs
DAG_RUNS = ("test_dags", "test_runs")
STORIES = Path("infra/testing/scenarios/stories")
STORIES_CLASS = "StoriesIT"
SLOWEST = 10
# the Python tests that start servers, supervisord, Spark or Airflow, or need the built jars
NEED_PROGRAMS = (
    "test_airflow",
    "test_postgresql",
    "test_supervision",
    "test_applications",
    "test_batch_layer",
    "test_components",
    "test_extending",
    "test_dags",
    "test_runs",
)


# What the Python tests start: each module is built before Maven begins its integration tests.
PROGRAMS = frozenset((b"producer", b"speed-layer", b"batch-layer", b"local-stack", b"admin"))
BUILT = re.compile(rb"\[INFO\] --- maven-failsafe-plugin:\S+:integration-test \(\S+\) @ (\S+) ---")
# A failed test of one module does not keep the modules that depend on it from being tested.
ALL_MODULES = ("-fae", "-Dmaven.test.failure.ignore=true")
MAVEN_ERROR = b"[ERROR]"
PRINTING_SECONDS = 5


class Begin(Enum):
    """When a part begins."""

    IN_TURN = auto()
    """when the one before it has ended"""
    AT_ONCE = auto()
    """beside the others"""
    ONCE_BUILT = auto()
    """beside the others, when Maven has built what it needs, or has ended"""


@dataclass(frozen=True)
class Part:
    """One process of the verification; of a part of Python, the file with its results."""

    name: str
    command: list[str]
    environment: dict[str, str]
    junit: Path | None = None
    begins: Begin = Begin.IN_TURN


@dataclass(frozen=True)
class Outcome:
    """How a part ended: its exit status, or None when it was not run to its end."""

    name: str
    status: int | None
    results: list[ClassResult]


def verify(maven: str, only: str | None) -> ExitStatus:
    """Runs all parts, or one class or story alone, and prints the summary, also after a signal."""
    with tempfile.TemporaryDirectory(prefix="foldlog-test-") as folder:
        ledger = Path(folder, "ledger")
        junit = Path(folder)
        parts = only_parts(maven, only, junit) if only else all_parts(maven, junit)
        return _verify(parts, ledger)


def check(maven: str) -> ExitStatus:
    """Runs the gates and the tests that need no server, of Java and of Python."""
    with tempfile.TemporaryDirectory(prefix="foldlog-test-") as folder:
        tests = [file for name, file in python_tests().items() if name not in NEED_PROGRAMS]
        parts = [
            _maven(maven, "-T", "2", *ALL_MODULES, "test"),
            _python("python", tuple(tests), Path(folder)),
        ]
        return _verify(parts, Path(folder, "ledger"))


def all_parts(maven: str, folder: Path) -> list[Part]:
    """Maven with every module that can be tested, the launcher's tests, the DAGs'."""
    airflow = tuple(file for name, file in tests_in(DAG_TESTS).items() if name not in DAG_RUNS)
    dags = tuple(file for name, file in tests_in(DAG_TESTS).items() if name in DAG_RUNS)
    return [
        _maven(maven, "-T", "2", *ALL_MODULES, "verify"),
        # waits most of the time, and needs nothing that Maven builds
        _python("airflow", airflow, folder, Begin.AT_ONCE),
        _python("launcher", (LAUNCHER_TESTS,), folder, Begin.ONCE_BUILT),
        _python("dags", dags, folder, Begin.ONCE_BUILT),
    ]


def only_parts(maven: str, only: str, folder: Path) -> list[Part]:
    """The part for one test class, one file of Python tests or one story."""
    if only.startswith("stories/"):
        story = only.removeprefix("stories/").strip("/")
        known = sorted(file.parent.name for file in (ROOT / STORIES).glob("*/story.conf"))
        if story not in known:
            raise Failure(f"There is no story {story}{_nearest(story, known)}.")
        return [_maven(maven, *class_arguments(STORIES_CLASS), f"-Dfoldlog.story={story}")]
    files = python_tests()
    name = Path(only).stem
    if name in files:
        return [_python(name, (files[name],), folder)]
    return [_maven(maven, *class_arguments(only))]


def class_arguments(name: str) -> list[str]:
    """Maven's arguments for one test class, of whichever tier, and what its module is built from."""
    classes = java_tests()
    if name not in classes:
        known = [*classes, *python_tests()]
        raise Failure(f"There is no test class {name}{_nearest(name, known)}.")
    lenient = ["-Dsurefire.failIfNoSpecifiedTests=false", "-Dfailsafe.failIfNoSpecifiedTests=false"]
    arguments = ["-pl", ",".join(classes[name]), "-am", "-Dspotless.check.skip", *lenient]
    if name.endswith("IT"):
        return [*arguments, "-Dtest=none", f"-Dit.test={name}", "-Dit.excluded.groups=none", "verify"]
    return [*arguments, f"-Dtest={name}", "test"]


def java_tests() -> dict[str, list[str]]:
    """The modules of every test class; two may have one of the same name."""
    found: dict[str, list[str]] = {}
    for pom in sorted(ROOT.glob("**/pom.xml")):
        module = pom.parent
        if module == ROOT or "target" in module.parts:
            continue
        for file in (module / "src" / "test" / "java").rglob("*.java"):
            if file.stem.endswith(("Test", "IT")):
                found.setdefault(file.stem, []).append(module.relative_to(ROOT).as_posix())
    return found


def python_tests() -> dict[str, str]:
    """The path of every file of Python tests that needs no container engine."""
    return {**tests_in(LAUNCHER_TESTS), **tests_in(DAG_TESTS)}


def tests_in(folder: str) -> dict[str, str]:
    """The path of every file of tests of a folder, by its name without the suffix."""
    return {
        file.stem: file.relative_to(ROOT).as_posix()
        for file in sorted((ROOT / folder).glob("test_*.py"))
    }


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}" if near else ""


def _maven(maven: str, *arguments: str) -> Part:
    return Part("maven", [*maven.split(), "-B", "-ntp", *arguments], dict(spark_environment()))


def _python(
    name: str, tests: tuple[str, ...], folder: Path, begins: Begin = Begin.IN_TURN
) -> Part:
    junit = folder / f"{name}.xml"
    command = [str(tool("airflow", "python")), "-m", "pytest", "-v", "-p", "no:cacheprovider"]
    environment = {
        **spark_environment(),
        "PYTHONPATH": PYTHON_PATH,
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(ROOT / "target" / "airflow" / name),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    return Part(name, [*command, f"--junit-xml={junit}", *tests], environment, junit, begins)


def _verify(parts: list[Part], ledger: Path) -> ExitStatus:
    started, wall = time.time(), time.monotonic()
    stopped: Stopped | None = None
    adopt_orphans()
    running = Running(ledger)
    try:
        with stop_on_signals(), running.descendants:
            try:
                running.run(parts)
            finally:
                running.end()
    except Stopped as signal:
        stopped = signal
    outcomes = [
        Outcome(part.name, running.statuses[part.name], _results(part, started))
        for part in parts
        if part.name in running.statuses
    ]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = summary(
        outcomes,
        {**running.descendants.counts(), "SparkContexts in test JVMs": spark_contexts(ledger)},
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - wall,
        interrupted=stopped is not None,
    )
    print(text, flush=True)
    if stopped:
        return stopped.status
    return ExitStatus.SUCCESS if all(outcome.status == 0 for outcome in outcomes) else ExitStatus.INTERNAL_ERROR


class Running:
    """The parts as they run: those beside the others in a thread each.

    `statuses` has the exit status of each part that has begun; None of one that was not run to its end.
    """

    def __init__(self, ledger: Path) -> None:
        self.descendants = Descendants()
        self.statuses: dict[str, int | None] = {}
        self._ledger = ledger
        self._unbuilt = set(PROGRAMS)
        self._built = threading.Event()
        self._starting = threading.Lock()
        self._ended = False

    def run(self, parts: list[Part]) -> None:
        beside = [
            threading.Thread(target=self._run_beside, args=(part,), daemon=True)
            for part in parts
            if part.begins != Begin.IN_TURN
        ]
        for thread in beside:
            thread.start()
        for part in parts:
            if part.begins == Begin.IN_TURN:
                self._run(part)
        self._built.set()
        for thread in beside:
            thread.join()

    def end(self) -> None:
        """Begins no further part, and ends what runs."""
        with self._starting:
            self._ended = True
        self._built.set()
        self.descendants.end()

    def _run_beside(self, part: Part) -> None:
        if part.begins == Begin.ONCE_BUILT:
            self._built.wait()
        self._run(part)

    def _run(self, part: Part) -> None:
        with self._starting:
            if self._ended:
                return
            self.statuses[part.name] = None
            print(f"== {part.name}", flush=True)
            process = subprocess.Popen(
                part.command,
                cwd=ROOT,
                env={**os.environ, **part.environment, LEDGER_VARIABLE: str(self._ledger)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                # a Ctrl-C of the terminal comes to this process alone, which ends the others in order
                start_new_session=True,
            )
            self.descendants.watch(process.pid)
        assert process.stdout is not None
        errors: list[bytes] = []
        printing = threading.Thread(target=self._print, args=(process.stdout, errors), daemon=True)
        printing.start()
        status = process.wait()
        # a process that the part has left behind may hold the pipe open
        printing.join(PRINTING_SECONDS)
        if not self._ended:
            # a failed test, or a test JVM that crashed, does not fail Maven: see ALL_MODULES
            self.statuses[part.name] = status or int(bool(errors) and part.junit is None)

    def _print(self, stream: IO[bytes], errors: list[bytes]) -> None:
        """Passes the lines on, and keeps Maven's errors."""
        for line in stream:
            if line.startswith(MAVEN_ERROR):
                errors.append(line)
            if match := BUILT.match(line):
                self._unbuilt.discard(match[1])
                if not self._unbuilt:
                    self._built.set()
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def _results(part: Part, started: float) -> list[ClassResult]:
    return pytest_results(part.junit) if part.junit else java_results(ROOT, started)


def spark_contexts(ledger: Path) -> int:
    """How many SparkContexts the test JVMs have written down."""
    try:
        lines = ledger.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return 0
    return sum(line.startswith("spark-context ") for line in lines)


def summary(
    outcomes: list[Outcome],
    started: dict[str, int],
    *,
    cpu_seconds: float,
    wall_seconds: float,
    interrupted: bool,
) -> str:
    """What was started, what it took, the slowest classes, and the tests of each part."""
    every = [result for outcome in outcomes for result in outcome.results]
    lines = ["", "== summary" + (" of what ran before the interruption" if interrupted else "")]
    lines += [f"{count:8d}  {name}" for name, count in started.items()]
    lines += [f"{cpu_seconds:8.0f}  CPU seconds", f"{wall_seconds:8.0f}  wall seconds"]
    lines += ["", "slowest classes, in seconds"]
    slowest = sorted(every, key=lambda result: result.seconds, reverse=True)[:SLOWEST]
    lines += [f"{result.seconds:8.1f}  {result.name}" for result in slowest]
    lines += ["", f"{'part':12s} {'tests':>6s} {'failed':>6s} {'skipped':>7s}  end"]
    for outcome in outcomes:
        counts = _counts(outcome.results)
        end = "interrupted" if outcome.status is None else "passed" if outcome.status == 0 else (
            f"failed with status {outcome.status}"
        )  # fmt: skip
        lines.append(f"{outcome.name:12s} {sum(counts):6d} {counts[1]:6d} {counts[2]:7d}  {end}")
    lines += [f"failed: {failure}" for result in every for failure in result.failures]
    passed, failed, skipped = _counts(every)
    return "\n".join([*lines, "", f"{passed} passed, {failed} failed, {skipped} skipped"])


def _counts(results: list[ClassResult]) -> tuple[int, int, int]:
    failed = sum(len(result.failures) for result in results)
    skipped = sum(result.skipped for result in results)
    return sum(result.tests for result in results) - failed - skipped, failed, skipped
