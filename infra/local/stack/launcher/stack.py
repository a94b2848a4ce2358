"""Brings the stack up, watches it, and takes it down again in order."""

import contextlib
import dataclasses
import fcntl
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Mapping

from . import airflow, deployment, postgresql, processes, supervision
from .airflow import MIGRATION
from .config import StackConfig, step
from .failures import ExitStatus, Failure
from .preflight import check_ports
from .programs import PROVISION, SPEED_LAYER, Program, components, orchestration
from .repository import ROOT

# generous beside supervisord's own limit for each program, which ends it with SIGKILL
SHUT_DOWN_LIMIT_SECONDS = 180.0


@dataclass(frozen=True)
class RunningStack:
    """The stack while it is up."""

    config: StackConfig
    programs: list[Program]
    environment: dict[str, str]
    supervisord: subprocess.Popen[bytes]

    def await_ready(self, tell: Callable[[str], None]) -> None:
        """Waits until all that starts by itself is at work."""
        self._await("provisioning", lambda: self.config.done(PROVISION).exists(), tell)
        if any(program.name == SPEED_LAYER and program.autostart for program in self.programs):
            self._await("the speed layer", lambda: self.config.speed_layer_status.exists(), tell)
        self._await("Airflow's database", lambda: self.config.done(MIGRATION).exists(), tell)
        self._await("Airflow", lambda: airflow.problem(self.config) is None, tell)

    def _await(self, what: str, done: Callable[[], bool], tell: Callable[[str], None]) -> None:
        start = time.monotonic()
        limit = 2 * self.config.startup_timeout_seconds
        said = start + 10
        while not done():
            self.check()
            now = time.monotonic()
            if now - start > limit:
                raise Failure(
                    f"{what} was not ready within {limit} s; the logs are in {self.config.logs}."
                    " Raise the setting runtime.startup-timeout on a slow machine.",
                    ExitStatus.UNAVAILABLE,
                )
            if now > said:
                tell(f"waiting for {what} ({now - start:.0f} of {limit} s)")
                said += 10
            time.sleep(0.2)

    def check(self) -> None:
        """Fails when supervisord or a program has ended for good."""
        for state in self.broken():
            raise self.failure(state)

    def broken(self) -> list[supervision.State]:
        """The programs that have ended for good; fails when supervisord has."""
        if self.supervisord.poll() is not None:
            raise Ended()
        try:
            return supervision.broken(self.config, self.programs)
        except supervision.SupervisorError:
            return []

    def failure(self, broken: supervision.State) -> Failure:
        """What a broken program said at last."""
        return Failure(
            f"{broken.name} ended ({broken.state}, status {broken.exit_status}); the end of"
            f" {self.config.logs / (broken.name + '.log')}:\n"
            + supervision.log_tail(self.config, broken.name),
            broken.exit_status or ExitStatus.UNAVAILABLE,
        )

    def resident_mebibytes(self) -> float:
        """Memory of supervisord and all programs; 0 where the platform does not tell."""
        return resident_mebibytes(self.supervisord.pid)


class Ended(Exception):
    """supervisord ended: somebody took the stack down."""


@contextlib.contextmanager
def up(
    config: StackConfig, environment: Mapping[str, str], *, left_to_airflow: frozenset[str] = frozenset()
) -> Iterator[RunningStack]:
    """The stack, started but for what is left to Airflow; it is down again when the block ends."""
    with only_one(config):
        check_ports(config.ports)
        # what the last run left would say that this one is ready
        for marker in (config.done(PROVISION), config.done(MIGRATION), config.speed_layer_status):
            marker.unlink(missing_ok=True)
        pipeline = [
            dataclasses.replace(program, autostart=program.name not in left_to_airflow)
            for program in components(config)
        ]
        _prepare(environment)
        postgresql.prepare(config)
        airflow.prepare(config)
        deployment.write(
            config,
            [
                *deployment.external(
                    config, kafka=config.kafka_external, cassandra=config.view.external
                ),
                *(deployment.controlled(program) for program in pipeline),
            ],
        )
        with supervised(config, [*pipeline, *orchestration(config)], environment) as running:
            yield running


@contextlib.contextmanager
def supervised(
    config: StackConfig, chosen: list[Program], environment: Mapping[str, str]
) -> Iterator[RunningStack]:
    """The programs under a supervisord of their own, which ends with the block."""
    process = supervision.start(config, chosen, dict(environment))
    try:
        _await_interface(config, process)
        yield RunningStack(config, chosen, dict(environment), process)
    finally:
        _take_down(process)


def _await_interface(config: StackConfig, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while not supervision.is_running(config):
        if process.poll() is not None or time.monotonic() > deadline:
            said = (config.logs / "supervisord.out").read_text(errors="replace")[-2000:]
            raise Failure(f"supervisord did not start; it said:\n{said}", ExitStatus.UNAVAILABLE)
        time.sleep(0.1)


def _take_down(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(SHUT_DOWN_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _prepare(environment: Mapping[str, str]) -> None:
    result = subprocess.run(
        step("prepare"), cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise Failure(result.stderr.strip(), result.returncode)


@contextlib.contextmanager
def only_one(config: StackConfig) -> Iterator[None]:
    """Holds the config's folder; refused while another launcher or its supervisord works on it."""
    folder = config.state / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "launcher.lock", "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise _already_running(config, f"by process {lock.read().strip()}") from error
        if supervision.is_running(config):
            raise _already_running(config, "by a launcher that is gone")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _already_running(config: StackConfig, whose: str) -> Failure:
    return Failure(
        f"The stack in {config.state} is running already, started {whose}:"
        " ./foldlog status shows it, ./foldlog down ends it."
    )


def is_up(config: StackConfig) -> bool:
    """Whether a launcher or a supervisord works on the config's folder."""
    file = config.state / "run" / "launcher.lock"
    if not file.exists():
        return False
    with open(file, "a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return supervision.is_running(config)


def down(config: StackConfig) -> bool:
    """Ends the running stack in order and waits for it; false when there is none."""
    if not is_up(config):
        return False
    supervision.shut_down(config, SHUT_DOWN_LIMIT_SECONDS)
    deadline = time.monotonic() + 20
    while is_up(config):
        if time.monotonic() > deadline:
            raise Failure(
                f"supervisord has ended, but the launcher that holds {config.state} has not:"
                " end it with Ctrl-C.",
                ExitStatus.UNAVAILABLE,
            )
        time.sleep(0.2)
    return True


def reset(config: StackConfig) -> list[Path]:
    """Deletes log, view, lake and checkpoints together, with the secrets that belong to them."""
    if is_up(config):
        raise Failure(f"The stack in {config.state} is running: take it down first (./foldlog down).")
    doomed = sorted(config.state.iterdir()) if config.state.is_dir() else []
    for path in doomed:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return doomed


def resident_mebibytes(root: int) -> float:
    """Memory of a process and all that descend from it; 0 where the platform does not tell."""
    return sum(processes.tree(root).values())
