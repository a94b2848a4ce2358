"""`make prove`: the scenarios at length, and a report of what was done and found."""

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
from .repository import ROOT, spark_environment
from .signals import Stopped, stop_on_signals

# whose tests write sections of the report
REPORTING = ("infra/testing/scenarios", "infra/testing/faults")
# a test that is sized runs in make test too, on less
FAULT_TAGS = ('@Tag("fault")', '@Tag("sized")')
REPORT = ROOT / "target" / "proof.md"
OUTPUT = ROOT / "target" / "prove.log"
# of the run that was begun last, so that it can go on after an interruption
RECORD = ROOT / "target" / "prove.json"
# how long the classes took when they last ended; survives the runs
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
    "ProducerBrokerLossIT": 40,
    "ProvisioningOutageIT": 30,
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
UNKNOWN_SECONDS = 180

# what the tests read as -Dfoldlog.<name>; without it they take what every build takes
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
    """What the report's head says; of several sittings, the seconds of all."""

    commit: str
    clean: bool
    seed: int
    sizes: dict[str, int]
    started: str
    sittings: int = 1
    seconds: float = 0.0
    passed: bool = False


@dataclass(frozen=True)
class Result:
    """How the tests of a class ended."""

    name: str
    tests: int
    seconds: float
    failures: list[str]


def prove(full: bool, seed: int | None, resume: bool, maven: str) -> ExitStatus:
    """Runs the scenarios' integration tests and writes the report, also when one failed."""
    sections = [ROOT / module / "target" / "proof" for module in REPORTING]
    tier = fault_tier(ROOT)
    results = [ROOT / module / "target" / "failsafe-reports" for module in sorted(set(tier.values()))]
    commit, clean = _commit()
    if resume:
        before = _of_tier(results, tier)
        run = resumed(RECORD, commit, clean, before)
        done = [result.name for result in before]
        print(f"goes on after {run.seconds / 60:.0f} minutes; passed before: {', '.join(done) or 'none'}")
    else:
        for old in (*sections, *results):
            shutil.rmtree(old, ignore_errors=True)
        started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        if seed is None:
            seed = random.SystemRandom().randrange(1, 2**31)
        run = Run(commit, clean, seed, FULL_SIZES if full else SIZES, started)
        done = []
    print(f"seed {run.seed}, {_text(run.sizes)}; the whole output is in {OUTPUT}", flush=True)
    rest = [name for name in tier if name not in done]
    length = run.sizes == FULL_SIZES
    progress = Progress(rest, durations(DURATIONS, length))
    try:
        run, status = _run(run, command(maven, run.seed, run.sizes, done, tier), progress)
    except Stopped as stopped:
        print("Interrupted; nothing is left running. RESUME=1 goes on.")
        return stopped.status
    found = _of_tier(results, tier)
    keep_durations(DURATIONS, length, found)
    run = replace(run, passed=status == 0 and bool(found))
    REPORT.write_text(report(run, found, read_sections(*sections)), encoding="utf-8")
    if not run.passed:
        raise Failure(
            f"The promise was not proved: see {REPORT}, and {OUTPUT} for what Maven said (it ended"
            f" with {status}). Again with the same faults: make prove SEED={run.seed}",
            ExitStatus.INTERNAL_ERROR,
        )
    # nothing is left to go on with
    RECORD.unlink()
    print(f"Proved; the report is {REPORT}")
    return ExitStatus.SUCCESS


def _of_tier(folders: list[Path], tier: dict[str, str]) -> list[Result]:
    results = [result for folder in folders for result in read_results(folder)]
    return [result for result in results if result.name in tier and result.tests]


def resumed(record: Path, commit: str, clean: bool, results: list[Result]) -> Run:
    """The run that was interrupted, for one sitting more; only of the very same code."""
    try:
        run = Run(**json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise Failure("No run of make prove was interrupted here: begin one, without RESUME.") from error
    except (ValueError, TypeError) as error:
        raise Failure(f"{record} cannot be read ({error}): begin again, without RESUME.") from error
    if (run.commit, True, True) != (commit, run.clean, clean):
        raise Failure(
            f"The interrupted run was of commit {run.commit}{'' if run.clean else ', and changes'};"
            f" this is {commit}{'' if clean else ', and changes'}: begin again, without RESUME."
        )
    if failed := _failed(results):
        raise Failure(f"The run was not interrupted, but failed: {failed}. Begin again, without RESUME.")
    return replace(run, sittings=run.sittings + 1)


def command(
    maven: str, seed: int, sizes: dict[str, int], done: list[str], tier: dict[str, str]
) -> list[str]:
    """Maven's command line: the fault tier but the classes done, of the other modules the build."""
    tests = ["*IT", *(f"!{name}" for name in done)]
    return [
        *maven.split(),
        *("-B", "-ntp", "-fae", "verify", "-pl", ",".join(sorted(set(tier.values()))), "-am"),
        *("-Dspotless.check.skip", "-Dit.groups=fault|sized", "-Dit.excluded.groups=none"),
        *("-Dtest=none", "-Dsurefire.failIfNoSpecifiedTests=false"),
        *(f"-Dit.test={','.join(tests)}", "-Dfailsafe.failIfNoSpecifiedTests=false"),
        f"-Dfoldlog.seed={seed}",
        *(f"-Dfoldlog.{name}={size}" for name, size in sizes.items()),
    ]


def fault_tier(root: Path) -> dict[str, str]:
    """The module of each class with tests of the fault tier."""
    return {
        file.stem: file.relative_to(root).as_posix().partition("/src/")[0]
        for file in sorted(root.glob("**/src/test/java/**/*IT.java"))
        if any(tag in file.read_text(encoding="utf-8") for tag in FAULT_TAGS)
    }


class Progress:
    """How much of the tier has run, and an estimate of the rest."""

    def __init__(self, classes: list[str], durations: dict[str, float]) -> None:
        self._rest = {name: durations.get(name, UNKNOWN_SECONDS) for name in classes}
        self._running: tuple[str, float] | None = None

    def see(self, line: str, seconds: float) -> None:
        """Takes note of a line of Maven's, and of when it came."""
        if found := RUNNING.match(line):
            self._running = (found["name"], seconds)
        elif (found := ENDED.match(line)) and self._rest.pop(found["name"], None) is not None:
            self._running = None

    def remaining_seconds(self, seconds: float) -> float:
        """What the classes that have not ended will take; 0 of what takes longer than it did."""
        rest = sum(self._rest.values())
        if self._running and self._running[0] in self._rest:
            name, start = self._running
            rest -= min(seconds - start, self._rest[name])
        return rest


def durations(file: Path, full: bool) -> dict[str, float]:
    """The seconds that each class took when it last ended, else what is typical."""
    typical = {**TYPICAL_SECONDS, **(FULL_TYPICAL_SECONDS if full else {})}
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))[_length(full)]
        return {**typical, **{str(name): float(seconds) for name, seconds in kept.items()}}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return typical


def keep_durations(file: Path, full: bool, results: list[Result]) -> None:
    """Keeps the seconds of the classes that have passed, for the next estimate."""
    try:
        kept = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        kept = {}
    passed = {result.name: result.seconds for result in results if not result.failures}
    kept[_length(full)] = {**kept.get(_length(full), {}), **passed}
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _length(full: bool) -> str:
    return "full" if full else "plain"


def _run(run: Run, arguments: list[str], progress: Progress) -> tuple[Run, int]:
    """Runs it, and keeps on record how far it has come; what it took and its exit status."""
    before = run.seconds
    start = time.monotonic()
    environment = {**os.environ, **spark_environment()}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with OUTPUT.open("a" if run.sittings > 1 else "w", encoding="utf-8") as output, _ending_all():
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=environment, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            # a Ctrl-C of the terminal comes to this process alone, which ends the others in order
            start_new_session=True,
        )  # fmt: skip
        RECORD.write_text(json.dumps(asdict(run)), encoding="utf-8")
        for line in process.stdout or ():
            output.write(line)
            if PROGRESS.match(line):
                run = replace(run, seconds=before + time.monotonic() - start)
                RECORD.write_text(json.dumps(asdict(run)), encoding="utf-8")
                minutes, seconds = divmod(int(run.seconds), 60)
                elapsed = time.monotonic() - start
                progress.see(line.rstrip(), elapsed)
                rest = f"{progress.remaining_seconds(elapsed) / 60:.0f}"
                print(f"{minutes:3d}:{seconds:02d} (about {rest} min left) {line.rstrip()}", flush=True)
        status = process.wait()
    return replace(run, seconds=before + time.monotonic() - start), status


@contextlib.contextmanager
def _ending_all() -> Iterator[None]:
    """Whatever was started within has ended afterwards, also when a signal asks for the end."""
    adopt_orphans()
    with stop_on_signals():
        try:
            yield
        finally:
            Descendants().end()


def read_sections(*folders: Path) -> list[str]:
    """What the tests wrote, in the order of the files' names."""
    files = [file for folder in folders for file in folder.glob("*.md")]
    return [file.read_text(encoding="utf-8").strip() for file in sorted(files, key=lambda file: file.name)]


def read_results(folder: Path) -> list[Result]:
    """How each class of tests ended, by failsafe's files."""
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
    """The whole report."""
    verdict = (
        "every scenario kept the promise: the view equals the fold of the log"
        if run.passed
        else "**not proved**: " + (_failed(results) or "the tests did not run to their end")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    head = {
        "verdict": verdict,
        "date": run.started,
        "commit": run.commit + ("" if run.clean else ", and changes that are not committed"),
        "seed": str(run.seed),
        "sizes": _text(run.sizes),
        "took": f"{run.seconds / 60:.1f} minutes"
        + (f", in {run.sittings} sittings" if run.sittings > 1 else ""),
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
    """The commit that is checked out, and whether nothing differs from it."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit, not _git("status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return "unknown", False


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
