"""Runs a program of the stack: `python -m launcher.guarded [OPTIONS] -- COMMAND...`.

The program ends with supervisord, even when supervisord is killed (Linux). With --after FILE it starts
when FILE exists, at most --limit seconds later; FILE is the marker of a step. With --tree SECONDS this
process stays the parent of the program and ends all its descendants, with SIGKILL after SECONDS. With
--again-after STATUS it runs the command a second time if the first run exits with STATUS.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from foldlog_airflow.parent_death import adopt_orphans, end_with_parent

from . import processes
from .failures import ExitStatus


def wait_for(file: Path, timeout_seconds: int) -> bool:
    """Waits until the file exists; returns False after the timeout."""
    start = time.monotonic()
    next_message = 0.0
    while not file.exists():
        waited = time.monotonic() - start
        if waited > timeout_seconds:
            print(
                f"{file} did not appear within {timeout_seconds} s: see why the step did not end"
                f" (./foldlog logs {file.stem}), or raise the setting runtime.startup-timeout.",
                file=sys.stderr,
            )
            return False
        if waited >= next_message:
            print(f"Waiting for {file.stem} ({waited:.0f} of {timeout_seconds} s)", file=sys.stderr)
            next_message += 10
        time.sleep(0.2)
    return True


def run_tree(command: list[str], timeout_seconds: int, again_after: int | None = None) -> int:
    """Runs the command; returns its exit status when all its descendants have ended.

    Needed for programs whose children leave their process group, as Airflow's tasks do. SIGTERM to this
    process and the end of its parent send SIGTERM to all descendants, and SIGKILL after the timeout.

    :param again_after: an exit status after which the command runs a second time
    """
    # orphans become children of this process
    adopt_orphans()
    end_with_parent(signal.SIGTERM)
    status, terminated = _run_tree(command, timeout_seconds)
    if status == again_after and not terminated:
        print(f"The program exited with {status} and is started again.", file=sys.stderr, flush=True)
        status, _ = _run_tree(command, timeout_seconds)
    return status


def _run_tree(command: list[str], timeout_seconds: int) -> tuple[int, bool]:
    """Returns the exit status, and whether SIGTERM requested the end."""
    terminated = False

    def signal_all(number: signal.Signals) -> None:
        for process in processes.tree(os.getpid()):
            if process != os.getpid():
                try:
                    os.kill(process, number)
                except ProcessLookupError:
                    pass

    def end() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.alarm(timeout_seconds)
        signal_all(signal.SIGTERM)

    def terminate(*_: int | FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        end()

    def kill(*_: int | FrameType | None) -> None:
        signal.alarm(1)
        signal_all(signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, terminate)
    main = subprocess.Popen(command, preexec_fn=lambda: end_with_parent(signal.SIGKILL))
    status = 0
    while True:
        try:
            process, ended = os.wait()
        except ChildProcessError:
            signal.alarm(0)
            return (status if status >= 0 else 128 - status), terminated
        if process == main.pid:
            status = os.waitstatus_to_exitcode(ended)
            end()


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher.guarded")
    parser.add_argument("--after", type=Path)
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--tree", type=int, metavar="SECONDS")
    parser.add_argument("--again-after", type=int, metavar="STATUS")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    end_with_parent(signal.SIGKILL)
    if arguments.after and not wait_for(arguments.after, arguments.limit):
        return ExitStatus.UNAVAILABLE
    if arguments.tree is not None:
        return run_tree(command, arguments.tree, arguments.again_after)
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
