"""Becomes a program of the stack: `python -m launcher.guarded [--after FILE] -- COMMAND...`.

The program ends with supervisord however that ends, where the platform can do that (Linux). With
--after it is not started before the file is there, which says so in its log, up to a limit.
"""

import argparse
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from .failures import ExitStatus

PR_SET_PDEATHSIG = 1


def end_with_parent(with_signal: signal.Signals) -> None:
    """Has the kernel send the signal to this process when its parent ends; kept across exec."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), with_signal)


def wait_for(file: Path, limit_seconds: int) -> bool:
    start = time.monotonic()
    said = 0.0
    while not file.exists():
        waited = time.monotonic() - start
        if waited > limit_seconds:
            print(
                f"{file} did not appear within {limit_seconds} s: see why provisioning did not end"
                " (make logs PROGRAM=provision), or raise the setting wait.limit.",
                file=sys.stderr,
            )
            return False
        if waited >= said:
            print(f"Waiting for provisioning ({waited:.0f} of {limit_seconds} s)", file=sys.stderr)
            said += 10
        time.sleep(0.2)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher.guarded")
    parser.add_argument("--after", type=Path)
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    end_with_parent(signal.SIGKILL)
    if arguments.after and not wait_for(arguments.after, arguments.limit):
        return ExitStatus.UNAVAILABLE
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
