"""The commands behind the Makefile: `python -m launcher COMMAND`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

from .failures import ExitStatus, Failure

APPLICATIONS = ("producer", "verifier", "batch-layer", "bench")


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (description, _) in COMMANDS.items():
        command = commands.add_parser(name, help=description, description=description)
        if name == "reset":
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "logs":
            command.add_argument("program", nargs="?", help="one program only")
        if name == "demo":
            command.add_argument("--source", default="synthetic", choices=["synthetic", "randomuser"])
            command.add_argument("--pictures", type=Path, help="a folder for Airflow's pages at the end")
        if name == "prove":
            command.add_argument("--full", action="store_true", help="at full length")
            command.add_argument("--seed", type=int, help="of the faults and the input; else a new one")
            command.add_argument(
                "--resume", action="store_true", help="goes on with the run that was interrupted"
            )
            command.add_argument("--maven", default="mvn", help="Maven's command")
        if name in ("check", "test", "tools"):
            command.add_argument("--maven", default="mvn", help="Maven's command")
        if name == "test":
            command.add_argument("--only", help="one test class, one file of Python tests, or stories/NAME")
        if name == "run":
            command.add_argument("application", choices=APPLICATIONS)
            command.add_argument("arguments", nargs="*", help="of the application, after --")
        if name == "container":
            command.add_argument("service", help="which one")
            command.add_argument("arguments", nargs="*", help="of the service, after --")
        if name == "cqlsh":
            command.add_argument("--role", default="reader", choices=["reader", "admin"])
            command.add_argument("arguments", nargs="*", help="of cqlsh, after --")
    arguments = parser.parse_args()
    try:
        return int(COMMANDS[arguments.command][1](arguments))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return int(failure.status)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def _check_tools(_: argparse.Namespace) -> ExitStatus:
    from .preflight import check_tools

    check_tools()
    return ExitStatus.DONE


def _tools(arguments: argparse.Namespace) -> ExitStatus:
    from .spark_jars import update
    from .tools import archive_spark_classes, install

    install()
    update(arguments.maven)
    archive_spark_classes()
    return ExitStatus.DONE


def _up(_: argparse.Namespace) -> ExitStatus:
    from .foreground import run_in_foreground

    return run_in_foreground()


def _down(_: argparse.Namespace) -> ExitStatus:
    from . import plan, stack

    print("The stack is down." if stack.down(plan.load(os.environ)) else "The stack is not running.")
    return ExitStatus.DONE


def _status(_: argparse.Namespace) -> ExitStatus:
    from .status import print_status

    return print_status()


def _logs(arguments: argparse.Namespace) -> ExitStatus:
    from . import plan

    folder = plan.load(os.environ).logs
    files = sorted(folder.glob(f"{arguments.program or '*'}.log"))
    if not files:
        raise Failure(f"There is no log of {arguments.program or 'any program'} in {folder}.")
    try:
        subprocess.run(["tail", "-n", "40", "-F", *map(str, files)], check=False)
    except KeyboardInterrupt:
        pass
    return ExitStatus.DONE


def _cqlsh(arguments: argparse.Namespace) -> ExitStatus:
    from . import cqlsh, plan

    loaded = plan.load(os.environ)
    login = loaded.view.reader if arguments.role == "reader" else loaded.view.admin
    return cqlsh.interactive(loaded, login, arguments.arguments)


def _reset(arguments: argparse.Namespace) -> ExitStatus:
    from . import plan, stack

    loaded = plan.load(os.environ)
    print(
        f"This deletes the log, the view, the lake, the checkpoints and their secrets: {loaded.state}"
    )
    if not arguments.yes and input("Delete them? [yes/no] ").strip().lower() not in ("y", "yes"):
        print("Nothing was deleted.")
        return ExitStatus.REFUSED
    deleted = stack.reset(loaded)
    print("Deleted " + (", ".join(path.name for path in deleted) or "nothing: there was no state") + ".")
    return ExitStatus.DONE


def _run(arguments: argparse.Namespace) -> ExitStatus:
    from . import applications

    applications.run(arguments.application, arguments.arguments)


def _preflight(_: argparse.Namespace) -> ExitStatus:
    from . import plan
    from .applications import run_preflight

    return run_preflight(plan.load(os.environ))


def _check(arguments: argparse.Namespace) -> ExitStatus:
    from .verification import check

    return check(arguments.maven)


def _test(arguments: argparse.Namespace) -> ExitStatus:
    from .verification import verify

    return verify(arguments.maven, arguments.only)


def _demo(arguments: argparse.Namespace) -> ExitStatus:
    from .demo import demo

    return demo(arguments.source, arguments.pictures)


def _prove(arguments: argparse.Namespace) -> ExitStatus:
    from .prove import prove

    if arguments.resume and (arguments.full or arguments.seed is not None):
        raise Failure("A run goes on with its own seed and sizes: RESUME=1 without FULL and SEED.")
    return prove(arguments.full, arguments.seed, arguments.resume, arguments.maven)


def _container(arguments: argparse.Namespace) -> ExitStatus:
    from .container import SERVICES, become

    if arguments.service not in SERVICES:
        raise Failure(f"There is no service {arguments.service}, only {', '.join(SERVICES)}.")
    become(arguments.service, arguments.arguments)


COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], ExitStatus]]] = {
    "container": ("Becomes one service of the stack, the only one of a container.", _container),
    "check-tools": ("Looks whether this machine has what the stack needs.", _check_tools),
    "tools": ("Installs the Python tools.", _tools),
    "up": ("Runs the stack in the foreground.", _up),
    "down": ("Ends the stack.", _down),
    "status": ("Shows the programs and where the data is.", _status),
    "logs": ("Follows the programs' logs.", _logs),
    "cqlsh": ("Opens cqlsh as the reader.", _cqlsh),
    "reset": ("Deletes all state.", _reset),
    "preflight": ("Checks external servers and the lake's store before the stack uses them.", _preflight),
    "check": ("Runs the gates and the tests that need no server.", _check),
    "test": ("Runs every test but those of the fault tier, and prints a summary.", _test),
    "run": ("Runs one of the applications.", _run),
    "prove": ("Proves the promise under faults, and writes a report.", _prove),
    "demo": ("Tells the whole story once.", _demo),
}

if __name__ == "__main__":
    sys.exit(main())
