"""`make test`: runs all parts of the tests, even if one fails, and prints a summary."""

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
from .maven import command as maven_command
from .repository import PYTHON_PATH, ROOT, TOOLS, spark_environment, tool
from .results import ClassResult, java_results, pytest_results
from .signals import Stopped, stop_on_signals

LEDGER_VARIABLE = "TEST_LEDGER_FILE"
LAUNCHER_TESTS = "infra/local/stack/tests"
DAG_TESTS = "dags/tests"
# the DAG tests that run the DAGs
DAG_RUNS = ("test_dags", "test_runs")
STORIES = Path("infra/testing/scenarios/stories")
STORIES_CLASS = "StoriesIT"
# runs the clients of others, which some Java tests use as producers
CLIENTS_PYTHON = TOOLS / "clients" / "bin" / "python"
# runs the whole stack once for each environment: make test-environments
ENVIRONMENTS = "test_environments"
SLOWEST = 10
# Python tests that start servers, supervisord, Spark or Airflow, or need the built jars
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
    ENVIRONMENTS,
)


# Modules that the Python tests start. Maven builds a module before it runs the module's integration tests.
REQUIRED_MODULES = frozenset((b"producer", b"speed-layer", b"batch-layer", b"local-stack", b"admin"))
BUILT = re.compile(rb"\[INFO\] --- maven-failsafe-plugin:\S+:integration-test \(\S+\) @ (\S+) ---")
# Maven also tests modules that depend on a module with failed tests.
ALL_MODULES = ("-fae", "-Dmaven.test.failure.ignore=true")
MAVEN_ERROR = b"[ERROR]"
PRINTER_TIMEOUT_SECONDS = 5


class Start(Enum):
    """When a part starts."""

    SEQUENTIAL = auto()
    """when the previous sequential part has ended"""
    PARALLEL = auto()
    """at once, in parallel"""
    PARALLEL_AFTER_BUILD = auto()
    """in parallel, when Maven has built the required modules or has ended"""


@dataclass(frozen=True)
class Part:
    """One process of the tests; `junit` is the result file of a Python part."""

    name: str
    command: list[str]
    environment: dict[str, str]
    junit: Path | None = None
    start: Start = Start.SEQUENTIAL


@dataclass(frozen=True)
class Outcome:
    """The outcome of a part; the status is None if it was interrupted."""

    name: str
    status: int | None
    results: list[ClassResult]


def verify(maven: str, only: str | None) -> ExitStatus:
    """Runs all parts, or one class or story, and prints the summary, also after a signal."""
    with tempfile.TemporaryDirectory(prefix="foldlog-test-") as folder:
        ledger = Path(folder, "ledger")
        junit = Path(folder)
        parts = only_parts(maven, only, junit) if only else all_parts(maven, junit)
        return _verify(parts, ledger)


def check(maven: str) -> ExitStatus:
    """Runs the gates, and the Java and Python tests that need no server."""
    with tempfile.TemporaryDirectory(prefix="foldlog-test-") as folder:
        tests = [file for name, file in python_tests().items() if name not in NEED_PROGRAMS]
        parts = [
            _maven(maven, "-T", "2", *ALL_MODULES, "test"),
            _python("python", tuple(tests), Path(folder)),
        ]
        return _verify(parts, Path(folder, "ledger"))


def all_parts(maven: str, folder: Path) -> list[Part]:
    """The parts: Maven, the tests of foldlog_airflow, the launcher's tests, and the DAG runs."""
    airflow = tuple(file for name, file in tests_in(DAG_TESTS).items() if name not in (*DAG_RUNS, ENVIRONMENTS))
    dags = tuple(file for name, file in tests_in(DAG_TESTS).items() if name in DAG_RUNS)
    return [
        _maven(maven, "-T", "2", *ALL_MODULES, "verify"),
        # parallel, because it needs little CPU and no built modules
        _python("airflow", airflow, folder, Start.PARALLEL),
        _python("launcher", (LAUNCHER_TESTS,), folder, Start.PARALLEL_AFTER_BUILD),
        _python("dags", dags, folder, Start.PARALLEL_AFTER_BUILD),
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
    """Maven's arguments for one test class of any tier, with the build of the modules it needs."""
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
    """The modules of every test class, by class name. Several modules may have a class of the same name."""
    modules: dict[str, list[str]] = {}
    for pom in sorted(ROOT.glob("**/pom.xml")):
        module = pom.parent
        if module == ROOT or "target" in module.parts:
            continue
        for file in (module / "src" / "test" / "java").rglob("*.java"):
            if file.stem.endswith(("Test", "IT")):
                modules.setdefault(file.stem, []).append(module.relative_to(ROOT).as_posix())
    return modules


def python_tests() -> dict[str, str]:
    """The paths of all Python test files that need no container engine, by name without suffix."""
    return {**tests_in(LAUNCHER_TESTS), **tests_in(DAG_TESTS)}


def tests_in(folder: str) -> dict[str, str]:
    """The paths of all test files of a folder, by name without suffix."""
    return {
        file.stem: file.relative_to(ROOT).as_posix()
        for file in sorted((ROOT / folder).glob("test_*.py"))
    }


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}" if near else ""


def _maven(maven: str, *arguments: str) -> Part:
    environment = {**spark_environment(), "CLIENTS_PYTHON": str(CLIENTS_PYTHON)}
    return Part("maven", [*maven_command(maven), "-B", "-ntp", *arguments], environment)


def _python(
    name: str, tests: tuple[str, ...], folder: Path, start: Start = Start.SEQUENTIAL
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
    return Part(name, [*command, f"--junit-xml={junit}", *tests], environment, junit, start)


def _verify(parts: list[Part], ledger: Path) -> ExitStatus:
    started, wall = time.time(), time.monotonic()
    stopped: Stopped | None = None
    adopt_orphans()
    runner = PartRunner(ledger)
    try:
        with stop_on_signals(), runner.descendants:
            try:
                runner.run(parts)
            finally:
                runner.end()
    except Stopped as signal:
        stopped = signal
    outcomes = [
        Outcome(part.name, runner.statuses[part.name], _results(part, started))
        for part in parts
        if part.name in runner.statuses
    ]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = summary(
        outcomes,
        {**runner.descendants.counts(), "SparkContexts in test JVMs": spark_contexts(ledger)},
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - wall,
        interrupted=stopped is not None,
    )
    print(text, flush=True)
    if stopped:
        return stopped.status
    return ExitStatus.SUCCESS if all(outcome.status == 0 for outcome in outcomes) else ExitStatus.INTERNAL_ERROR


class PartRunner:
    """Runs the parts; each parallel part has a thread.

    `statuses` has the exit status of each started part; None if the part was interrupted.
    """

    def __init__(self, ledger: Path) -> None:
        self.descendants = Descendants()
        self.statuses: dict[str, int | None] = {}
        self._ledger = ledger
        self._missing_modules = set(REQUIRED_MODULES)
        self._built = threading.Event()
        self._starting = threading.Lock()
        self._ended = False

    def run(self, parts: list[Part]) -> None:
        threads = [
            threading.Thread(target=self._run_parallel, args=(part,), daemon=True)
            for part in parts
            if part.start != Start.SEQUENTIAL
        ]
        for thread in threads:
            thread.start()
        for part in parts:
            if part.start == Start.SEQUENTIAL:
                self._run(part)
        self._built.set()
        for thread in threads:
            thread.join()

    def end(self) -> None:
        """Starts no further part, and ends all running ones."""
        with self._starting:
            self._ended = True
        self._built.set()
        self.descendants.end()

    def _run_parallel(self, part: Part) -> None:
        if part.start == Start.PARALLEL_AFTER_BUILD:
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
                # only this process receives Ctrl-C from the terminal; it then ends the others
                start_new_session=True,
            )
            self.descendants.exclude_from_reaping(process.pid)
        assert process.stdout is not None
        errors: list[bytes] = []
        printer = threading.Thread(target=self._print, args=(process.stdout, errors), daemon=True)
        printer.start()
        status = process.wait()
        # an orphan of the part may keep the pipe open
        printer.join(PRINTER_TIMEOUT_SECONDS)
        if not self._ended:
            # Maven exits with 0 even if a test failed or a test JVM crashed: see ALL_MODULES
            self.statuses[part.name] = status or int(bool(errors) and part.junit is None)

    def _print(self, stream: IO[bytes], errors: list[bytes]) -> None:
        """Prints the lines, and collects Maven's errors."""
        for line in stream:
            if line.startswith(MAVEN_ERROR):
                errors.append(line)
            if match := BUILT.match(line):
                self._missing_modules.discard(match[1])
                if not self._missing_modules:
                    self._built.set()
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def _results(part: Part, started: float) -> list[ClassResult]:
    return pytest_results(part.junit) if part.junit else java_results(ROOT, started)


def spark_contexts(ledger: Path) -> int:
    """The number of SparkContexts that the test JVMs have recorded."""
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
    """The text of the summary: started servers, durations, slowest classes, and counts of each part."""
    all_results = [result for outcome in outcomes for result in outcome.results]
    lines = ["", "== summary" + (" of what ran before the interruption" if interrupted else "")]
    lines += [f"{count:8d}  {name}" for name, count in started.items()]
    lines += [f"{cpu_seconds:8.0f}  CPU seconds", f"{wall_seconds:8.0f}  wall seconds"]
    lines += ["", "slowest classes, in seconds"]
    slowest = sorted(all_results, key=lambda result: result.seconds, reverse=True)[:SLOWEST]
    lines += [f"{result.seconds:8.1f}  {result.name}" for result in slowest]
    lines += ["", f"{'part':12s} {'tests':>6s} {'failed':>6s} {'skipped':>7s}  end"]
    for outcome in outcomes:
        counts = _counts(outcome.results)
        end = "interrupted" if outcome.status is None else "passed" if outcome.status == 0 else (
            f"failed with status {outcome.status}"
        )  # fmt: skip
        lines.append(f"{outcome.name:12s} {sum(counts):6d} {counts[1]:6d} {counts[2]:7d}  {end}")
    lines += [f"failed: {failure}" for result in all_results for failure in result.failures]
    passed, failed, skipped = _counts(all_results)
    return "\n".join([*lines, "", f"{passed} passed, {failed} failed, {skipped} skipped"])


def _counts(results: list[ClassResult]) -> tuple[int, int, int]:
    failed = sum(len(result.failures) for result in results)
    skipped = sum(result.skipped for result in results)
    return sum(result.tests for result in results) - failed - skipped, failed, skipped
