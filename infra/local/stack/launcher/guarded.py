"""Becomes a program of the stack: `python -m launcher.guarded [OPTIONS] -- COMMAND...`.

The program ends with supervisord however that ends, where the platform can do that (Linux). With
--after FILE it is not started before the step that writes the file is done, which says so in its
log, up to a limit. With --tree SECONDS this process stays its parent and ends all that descends
from it, by SIGKILL what takes longer than the seconds. With --again-after STATUS it then runs the
command a second time after that exit status.
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

def wait_for(file: Path, limit_seconds: int) -> bool:
    start = time.monotonic()
    said = 0.0
    while not file.exists():
        waited = time.monotonic() - start
        if waited > limit_seconds:
            print(
                f"{file} did not appear within {limit_seconds} s: see why the step did not end"
                f" (./foldlog logs {file.stem}), or raise the setting runtime.startup-timeout.",
                file=sys.stderr,
            )
            return False
        if waited >= said:
            print(f"Waiting for {file.stem} ({waited:.0f} of {limit_seconds} s)", file=sys.stderr)
            said += 10
        time.sleep(0.2)
    return True


def run_tree(command: list[str], limit_seconds: int, again_after: int | None = None) -> int:
    """Runs the command; all that descends from it has ended when this returns its exit status.

    Needed for programs whose children leave their process group, as Airflow's tasks do. SIGTERM
    and the end of the parent ask all of them to end; what is left after the limit is killed.

    :param again_after: an exit status after which the command runs a second time
    """
    # orphans become this process's children, so that none is out of its sight
    adopt_orphans()
    end_with_parent(signal.SIGTERM)
    status, asked = _run_tree(command, limit_seconds)
    if status == again_after and not asked:
        print(f"It exited with {status}: it is started once more.", file=sys.stderr, flush=True)
        status, _ = _run_tree(command, limit_seconds)
    return status


def _run_tree(command: list[str], limit_seconds: int) -> tuple[int, bool]:
    """The exit status, and whether the command was asked to end."""
    asked = False

    def signal_all(number: signal.Signals) -> None:
        for process in processes.tree(os.getpid()):
            if process != os.getpid():
                try:
                    os.kill(process, number)
                except ProcessLookupError:
                    pass

    def end() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.alarm(limit_seconds)
        signal_all(signal.SIGTERM)

    def ask(*_: int | FrameType | None) -> None:
        nonlocal asked
        asked = True
        end()

    def kill(*_: int | FrameType | None) -> None:
        signal.alarm(1)
        signal_all(signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, ask)
    main = subprocess.Popen(command, preexec_fn=lambda: end_with_parent(signal.SIGKILL))
    status = 0
    while True:
        try:
            process, ended = os.wait()
        except ChildProcessError:
            signal.alarm(0)
            return (status if status >= 0 else 128 - status), asked
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
