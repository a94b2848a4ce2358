"""`make prove`: runs the fault tier and writes a report."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import random
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Iterator

from foldlog_airflow.parent_death import adopt_orphans

from .descendants import Descendants
from .failures import ExitStatus, Failure
from .maven import command as maven_command
from .repository import ROOT, spark_environment
from .signals import Stopped, stop_on_signals

# modules whose tests write sections of the report
REPORTING_MODULES = ("infra/testing/scenarios", "infra/testing/faults")
# sized tests also run in make test, with smaller sizes
FAULT_TAGS = ('@Tag("fault")', '@Tag("sized")')
REPORT = ROOT / "target" / "proof.md"
OUTPUT = ROOT / "target" / "prove.log"
# the state of the last run, so that --resume can continue it after an interruption
RECORD = ROOT / "target" / "prove.json"
# the last duration of each class; kept between runs
DURATIONS = ROOT / "target" / "prove-durations.json"
TYPICAL_SECONDS = {
    "BrokerLossIT": 80,
    "CassandraNodeIT": 40,
    "ConditionalObjectsIT": 60,
    "CrashMatrixIT": 640,
    "HostileInputIT": 100,
    "LiveReconcileIT": 160,
    "LogTroubleIT": 250,
    "OutageIT": 140,
    "OverloadIT": 180,
    "PoisonRecordsIT": 200,
    "ProducerBrokerLossIT": 40,
    "ProvisioningOutageIT": 30,
    "ReconcileIT": 50,
    "TableStoriesIT": 40,
    "UncleanElectionIT": 200,
    "UserStateContractIT": 40,
    "VerifierBrokerLossIT": 30,
    "VersionSkewIT": 50,
}
FULL_TYPICAL_SECONDS = {
    "CrashMatrixIT": 8000,
    "HostileInputIT": 1800,
    "LiveReconcileIT": 900,
    "OverloadIT": 1200,
    "UserStateContractIT": 400,
}
DEFAULT_SECONDS = 180

# system properties foldlog.<name> of the tests; without them the tests use the sizes of make test
SIZES = {
    "kills": 30,
    "live-seconds": 120,
    "records": 100_000,
    "backlog": 200_000,
    "histories": 20_000,
}
FULL_SIZES = {
    "kills": 200,
    "live-seconds": 600,
    "records": 1_000_000,
    "backlog": 1_000_000,
    "histories": 200_000,
}

PROGRESS = re.compile(r"^(proof: |fault |\[INFO\] Running |\[(INFO|WARNING|ERROR)\] Tests run: |\[ERROR\] )")
RUNNING = re.compile(r"^\[INFO\] Running (?:\S+\.)?(?P<name>\w+)")
ENDED = re.compile(r"^\[(INFO|WARNING|ERROR)\] Tests run: .* in (?:\S+\.)?(?P<name>\w+)$")


@dataclass(frozen=True)
class Run:
    """The head of the report; `seconds` is the total of all sessions."""

    commit: str
    clean: bool
    seed: int
    sizes: dict[str, int]
    started: str
    sessions: int = 1
    seconds: float = 0.0
    passed: bool = False


@dataclass(frozen=True)
class Result:
    """The result of a test class."""

    name: str
    tests: int
    seconds: float
    failures: list[str]


def prove(full: bool, seed: int | None, resume: bool, maven: str) -> ExitStatus:
    """Runs the fault tier and writes the report, also if a test failed."""
    sections = [ROOT / module / "target" / "proof" for module in REPORTING_MODULES]
    tier = fault_tier(ROOT)
    results = [ROOT / module / "target" / "failsafe-reports" for module in sorted(set(tier.values()))]
    commit, clean = _commit()
    if resume:
        earlier = _of_tier(results, tier)
        run = resumed(RECORD, commit, clean, earlier)
        done = [result.name for result in earlier]
        print(f"continues after {run.seconds / 60:.0f} minutes; already passed: {', '.join(done) or 'none'}")
    else:
        for old in (*sections, *results):
            shutil.rmtree(old, ignore_errors=True)
        started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        if seed is None:
            seed = random.SystemRandom().randrange(1, 2**31)
        run = Run(commit, clean, seed, FULL_SIZES if full else SIZES, started)
        done = []
    print(f"seed {run.seed}, {_text(run.sizes)}; the whole output is in {OUTPUT}", flush=True)
    remaining = [name for name in tier if name not in done]
    is_full = run.sizes == FULL_SIZES
    progress = Progress(remaining, durations(DURATIONS, is_full))
    try:
        run, status = _run(run, command(maven, run.seed, run.sizes, done, tier), progress)
    except Stopped as stopped:
        print("Interrupted; all processes have ended. RESUME=1 continues the run.")
        return stopped.status
    class_results = _of_tier(results, tier)
    store_durations(DURATIONS, is_full, class_results)
    run = replace(run, passed=status == 0 and bool(class_results))
    REPORT.write_text(report(run, class_results, read_sections(*sections)), encoding="utf-8")
    if not run.passed:
        raise Failure(
            f"The promise was not proved: see {REPORT}, and {OUTPUT} for Maven's output (exit status"
            f" {status}). To repeat the same faults: make prove SEED={run.seed}",
            ExitStatus.INTERNAL_ERROR,
        )
    # the run is complete: there is nothing to resume
    RECORD.unlink()
    print(f"Proved; the report is {REPORT}")
    return ExitStatus.SUCCESS


def _of_tier(folders: list[Path], tier: dict[str, str]) -> list[Result]:
    results = [result for folder in folders for result in read_results(folder)]
    return [result for result in results if result.name in tier and result.tests]


def resumed(record: Path, commit: str, clean: bool, results: list[Result]) -> Run:
    """The interrupted run, with one more session. The code must be the same."""
    try:
        run = Run(**json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise Failure("No run of make prove was interrupted here: start one without RESUME.") from error
    except (ValueError, TypeError) as error:
        raise Failure(f"{record} cannot be read ({error}): begin again without RESUME.") from error
    if (run.commit, True, True) != (commit, run.clean, clean):
        raise Failure(
            f"The interrupted run was of commit {run.commit}{'' if run.clean else ' with changes'};"
            f" the checkout is {commit}{'' if clean else ' with changes'}: begin again without RESUME."
        )
    if failed := _failed(results):
        raise Failure(f"The run was not interrupted, but failed: {failed}. Begin again without RESUME.")
    return replace(run, sessions=run.sessions + 1)


def command(
    maven: str, seed: int, sizes: dict[str, int], done: list[str], tier: dict[str, str]
) -> list[str]:
    """Maven's command line: tests of the fault tier except `done`, and the build of the modules they need."""
    tests = ["*IT", *(f"!{name}" for name in done)]
    return [
        *maven_command(maven),
        *("-B", "-ntp", "-fae", "verify", "-pl", ",".join(sorted(set(tier.values()))), "-am"),
        *("-Dspotless.check.skip", "-Dit.groups=fault|sized", "-Dit.excluded.groups=none"),
        *("-Dtest=none", "-Dsurefire.failIfNoSpecifiedTests=false"),
        *(f"-Dit.test={','.join(tests)}", "-Dfailsafe.failIfNoSpecifiedTests=false"),
        f"-Dfoldlog.seed={seed}",
        *(f"-Dfoldlog.{name}={size}" for name, size in sizes.items()),
    ]


def fault_tier(root: Path) -> dict[str, str]:
    """The modules of the test classes of the fault tier, by class name."""
    return {
        file.stem: file.relative_to(root).as_posix().partition("/src/")[0]
        for file in sorted(root.glob("**/src/test/java/**/*IT.java"))
        if any(tag in file.read_text(encoding="utf-8") for tag in FAULT_TAGS)
    }


class Progress:
    """Tracks which classes have run, and estimates the remaining time."""

    def __init__(self, classes: list[str], durations: dict[str, float]) -> None:
        self._remaining = {name: durations.get(name, DEFAULT_SECONDS) for name in classes}
        self._running: tuple[str, float] | None = None

    def add_line(self, line: str, seconds: float) -> None:
        """Processes a line of Maven's output, which appeared `seconds` after the start."""
        if match := RUNNING.match(line):
            self._running = (match["name"], seconds)
        elif (match := ENDED.match(line)) and self._remaining.pop(match["name"], None) is not None:
            self._running = None

    def remaining_seconds(self, seconds: float) -> float:
        """The estimate for all classes that have not ended; never negative for the running class."""
        total = sum(self._remaining.values())
        if self._running and self._running[0] in self._remaining:
            name, start = self._running
            total -= min(seconds - start, self._remaining[name])
        return total


def durations(file: Path, full: bool) -> dict[str, float]:
    """The last duration of each class in seconds, or a typical value."""
    typical = {**TYPICAL_SECONDS, **(FULL_TYPICAL_SECONDS if full else {})}
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))[_length(full)]
        return {**typical, **{str(name): float(seconds) for name, seconds in stored.items()}}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return typical


def store_durations(file: Path, full: bool, results: list[Result]) -> None:
    """Stores the durations of the classes that have passed, for the next estimate."""
    try:
        stored = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        stored = {}
    passed = {result.name: result.seconds for result in results if not result.failures}
    stored[_length(full)] = {**stored.get(_length(full), {}), **passed}
    file.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _length(full: bool) -> str:
    return "full" if full else "plain"


def _run(run: Run, arguments: list[str], progress: Progress) -> tuple[Run, int]:
    """Runs Maven and stores the progress; returns the run with its duration, and Maven's exit status."""
    earlier_seconds = run.seconds
    start = time.monotonic()
    environment = {**os.environ, **spark_environment()}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with OUTPUT.open("a" if run.sessions > 1 else "w", encoding="utf-8") as output, _end_descendants():
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=environment, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            # only this process receives Ctrl-C from the terminal; it then ends the others
            start_new_session=True,
        )  # fmt: skip
        RECORD.write_text(json.dumps(asdict(run)), encoding="utf-8")
        for line in process.stdout or ():
            output.write(line)
            if PROGRESS.match(line):
                run = replace(run, seconds=earlier_seconds + time.monotonic() - start)
                RECORD.write_text(json.dumps(asdict(run)), encoding="utf-8")
                minutes, seconds = divmod(int(run.seconds), 60)
                elapsed = time.monotonic() - start
                progress.add_line(line.rstrip(), elapsed)
                remaining = f"{progress.remaining_seconds(elapsed) / 60:.0f}"
                print(f"{minutes:3d}:{seconds:02d} (about {remaining} min left) {line.rstrip()}", flush=True)
        status = process.wait()
    return replace(run, seconds=earlier_seconds + time.monotonic() - start), status


@contextlib.contextmanager
def _end_descendants() -> Iterator[None]:
    """Ends all processes that the block started, also after a signal."""
    adopt_orphans()
    with stop_on_signals():
        try:
            yield
        finally:
            Descendants().end()


def read_sections(*folders: Path) -> list[str]:
    """The sections that the tests wrote, in the order of the file names."""
    files = [file for folder in folders for file in folder.glob("*.md")]
    return [file.read_text(encoding="utf-8").strip() for file in sorted(files, key=lambda file: file.name)]


def read_results(folder: Path) -> list[Result]:
    """The result of each test class, from failsafe's report files."""
    results = []
    for file in sorted(folder.glob("TEST-*.xml")):
        suite = ElementTree.parse(file).getroot()
        failures = [
            f"{case.get('name')}: {(problem.get('message') or problem.get('type') or '').strip()}"
            for case in suite.iter("testcase")
            for problem in case
            if problem.tag in ("failure", "error")
        ]
        name = (suite.get("name") or file.stem).rsplit(".", 1)[-1]
        results.append(Result(name, int(suite.get("tests") or 0), float(suite.get("time") or 0), failures))
    return results


def report(run: Run, results: list[Result], sections: list[str]) -> str:
    """The text of the report."""
    result_text = (
        "every scenario kept the promise: the view equals the fold of the log"
        if run.passed
        else "**not proved**: " + (_failed(results) or "the tests did not run to their end")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    head = {
        "result": result_text,
        "date": run.started,
        "commit": run.commit + ("" if run.clean else ", and changes that are not committed"),
        "seed": str(run.seed),
        "sizes": _text(run.sizes),
        "took": f"{run.seconds / 60:.1f} minutes"
        + (f", in {run.sessions} sessions" if run.sessions > 1 else ""),
        "machine": f"{os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {platform.machine()}",
    }
    lines = ["# Proof", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {text} |" for name, text in head.items()]
    lines += ["", "| tests | how many | seconds | result |", "| --- | --- | --- | --- |"]
    for result in results:
        outcome = "failed" if result.failures else "passed"
        lines.append(f"| {result.name} | {result.tests} | {result.seconds:.0f} | {outcome} |")
    for result in results:
        for failure in result.failures:
            lines += ["", f"`{result.name}` failed, {failure.splitlines()[0]}"]
    return "\n".join(lines) + "".join(f"\n\n{section}" for section in sections) + "\n"


def _failed(results: list[Result]) -> str:
    return ", ".join(result.name for result in results if result.failures)


def _text(sizes: dict[str, int]) -> str:
    return ", ".join(f"{name} {size:,}" for name, size in sizes.items())


def _commit() -> tuple[str, bool]:
    """The checked-out commit, and whether the checkout has no changes."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit, not _git("status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return "unknown", False


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
