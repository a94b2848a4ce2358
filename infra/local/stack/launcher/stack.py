"""Starts, checks and stops the stack."""

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

from . import airflow, deployment, postgresql, processes, scratch, supervision
from .airflow import MIGRATION
from .config import StackConfig, step
from .failures import ExitStatus, Failure
from .preflight import check_ports
from .programs import PROVISION, SPEED_LAYER, Program, components, orchestration
from .repository import ROOT

# longer than supervisord's timeout for each program, after which it sends SIGKILL
SHUTDOWN_TIMEOUT_SECONDS = 180.0


@dataclass(frozen=True)
class RunningStack:
    """A running stack."""

    config: StackConfig
    programs: list[Program]
    environment: dict[str, str]
    supervisord: subprocess.Popen[bytes]

    def await_ready(self, print_line: Callable[[str], None]) -> None:
        """Waits until all programs that start automatically are ready."""
        self._await("provisioning", lambda: self.config.done(PROVISION).exists(), print_line)
        if any(program.name == SPEED_LAYER and program.autostart for program in self.programs):
            self._await("the speed layer", lambda: self.config.speed_layer_status.exists(), print_line)
        self._await("Airflow's database", lambda: self.config.done(MIGRATION).exists(), print_line)
        self._await("Airflow", lambda: airflow.problem(self.config) is None, print_line)

    def _await(self, what: str, is_ready: Callable[[], bool], print_line: Callable[[str], None]) -> None:
        start = time.monotonic()
        timeout = 2 * self.config.startup_timeout_seconds
        next_message = start + 10
        while not is_ready():
            self.check()
            now = time.monotonic()
            if now - start > timeout:
                raise Failure(
                    f"{what} was not ready within {timeout} s; the logs are in {self.config.logs}."
                    " Raise the setting runtime.startup-timeout on a slow machine.",
                    ExitStatus.UNAVAILABLE,
                )
            if now > next_message:
                print_line(f"waiting for {what} ({now - start:.0f} of {timeout} s)")
                next_message += 10
            time.sleep(0.2)

    def check(self) -> None:
        """Fails if supervisord has ended, or a program has ended and is not restarted."""
        for state in self.ended_programs():
            raise self.failure(state)

    def ended_programs(self) -> list[supervision.State]:
        """The programs that have ended and are not restarted.

        :raises Ended: when supervisord has ended
        """
        if self.supervisord.poll() is not None:
            raise Ended()
        try:
            return supervision.ended_programs(self.config, self.programs)
        except supervision.SupervisorError:
            return []

    def failure(self, ended: supervision.State) -> Failure:
        """The failure of an ended program, with the end of its log."""
        refused = ended.name in (PROVISION, SPEED_LAYER) and ended.exit_status in (
            ExitStatus.USAGE_ERROR,
            ExitStatus.STATE_MISMATCH,
        )
        return (Refusal if refused else Failure)(
            f"{ended.name} ended ({ended.state}, status {ended.exit_status}); the end of"
            f" {self.config.logs / (ended.name + '.log')}:\n"
            + supervision.log_tail(self.config, ended.name),
            ended.exit_status or ExitStatus.UNAVAILABLE,
        )

    def resident_mebibytes(self) -> float:
        """Resident memory of supervisord and all programs; 0 on platforms without /proc."""
        return resident_mebibytes(self.supervisord.pid)


class Refusal(Failure):
    """Provisioning or the speed layer does not accept what the servers hold or how they are set up."""


class Ended(Exception):
    """supervisord has ended, because another process stopped the stack."""


@contextlib.contextmanager
def up(
    config: StackConfig, environment: Mapping[str, str], *, left_to_airflow: frozenset[str] = frozenset()
) -> Iterator[RunningStack]:
    """Starts the stack and stops it at the end of the block.

    :param left_to_airflow: programs that do not start automatically, because Airflow starts them
    """
    with exclusive(config):
        check_ports(config.ports)
        scratch.clear(config.state / "tmp")
        # markers of the last run would report this run as ready
        for marker in (config.done(PROVISION), config.done(MIGRATION), config.speed_layer_status):
            marker.unlink(missing_ok=True)
        pipeline_programs = [
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
                *(deployment.controlled(program) for program in pipeline_programs),
            ],
        )
        with supervised(config, [*pipeline_programs, *orchestration(config)], environment) as running:
            yield running


@contextlib.contextmanager
def supervised(
    config: StackConfig, programs: list[Program], environment: Mapping[str, str]
) -> Iterator[RunningStack]:
    """Runs the programs under a dedicated supervisord, which ends with the block."""
    process = supervision.start(config, programs, dict(environment))
    try:
        _await_interface(config, process)
        yield RunningStack(config, programs, dict(environment), process)
    finally:
        _stop(process)


def _await_interface(config: StackConfig, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while not supervision.is_running(config):
        if process.poll() is not None or time.monotonic() > deadline:
            output = (config.logs / "supervisord.out").read_text(errors="replace")[-2000:]
            raise Failure(f"supervisord did not start; its output:\n{output}", ExitStatus.UNAVAILABLE)
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(SHUTDOWN_TIMEOUT_SECONDS)
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
def exclusive(config: StackConfig) -> Iterator[None]:
    """Locks the stack's folder; fails while another launcher or supervisord uses it."""
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


def _already_running(config: StackConfig, started_by: str) -> Failure:
    return Failure(
        f"The stack in {config.state} is running already, started {started_by}:"
        " ./foldlog status shows it, ./foldlog down ends it."
    )


def is_up(config: StackConfig) -> bool:
    """Whether a launcher or supervisord uses the stack's folder."""
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
    """Stops the running stack and waits for its end; returns False if none is running."""
    if not is_up(config):
        return False
    supervision.shut_down(config, SHUTDOWN_TIMEOUT_SECONDS)
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
    """Deletes log, view, lake, checkpoints and secrets; returns the deleted paths."""
    if is_up(config):
        raise Failure(f"The stack in {config.state} is running: take it down first (./foldlog down).")
    paths = sorted(config.state.iterdir()) if config.state.is_dir() else []
    for path in paths:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return paths


def resident_mebibytes(root: int) -> float:
    """Resident memory of a process and its descendants; 0 on platforms without /proc."""
    return sum(processes.tree(root).values())
