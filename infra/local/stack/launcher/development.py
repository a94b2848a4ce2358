"""The commands of the Makefile for developers: `python -m launcher.development COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys

from . import environment
from .failures import ExitStatus, Failure


def main() -> int:
    environment.complete(os.environ)
    parser = argparse.ArgumentParser(prog="launcher.development", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run in COMMANDS.items():
        command = commands.add_parser(name, description=run.__doc__)
        command.set_defaults(run=run)
        if name in ("build", "tools", "check", "test", "prove"):
            command.add_argument("--maven", default="mvn", help="command line of Maven")
        if name == "test":
            command.add_argument("--only", help="one test class, one file of Python tests, or stories/NAME")
        if name == "prove":
            command.add_argument("--full", action="store_true", help="uses the full sizes")
            command.add_argument("--seed", type=int, help="seed of faults and input (default: random)")
            command.add_argument("--resume", action="store_true", help="continues the interrupted run")
        if name == "bench":
            command.add_argument("arguments", nargs="*", help="arguments of the bench, after --")
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return int(failure.status)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def check_tools(_: argparse.Namespace) -> ExitStatus:
    """Checks that this machine has what the build and the stack need."""
    from .preflight import check_tools

    check_tools()
    return ExitStatus.SUCCESS


def build(arguments: argparse.Namespace) -> ExitStatus:
    """Builds the applications; the whole output is in target/build.log."""
    from .build import build

    build(arguments.maven)
    return ExitStatus.SUCCESS


def tools(arguments: argparse.Namespace) -> ExitStatus:
    """Installs the Python tools and Spark."""
    from .spark_jars import update
    from .tools import archive_spark_classes, install

    install()
    update(arguments.maven)
    archive_spark_classes()
    return ExitStatus.SUCCESS


def check(arguments: argparse.Namespace) -> ExitStatus:
    """Runs the gates and the tests that need no server."""
    from .verification import check

    return check(arguments.maven)


def test(arguments: argparse.Namespace) -> ExitStatus:
    """Runs all tests except the fault tier, and prints a summary."""
    from .tools import install
    from .verification import verify

    install(("clients",))
    return verify(arguments.maven, arguments.only)


def prove(arguments: argparse.Namespace) -> ExitStatus:
    """Runs the fault tier and writes a report."""
    from .prove import prove

    if arguments.resume and (arguments.full or arguments.seed is not None):
        raise Failure("A run continues with its own seed and sizes: RESUME=1 without FULL and SEED.")
    return prove(arguments.full, arguments.seed, arguments.resume, arguments.maven)


def bench(arguments: argparse.Namespace) -> ExitStatus:
    """Measures the hot paths beside a plain consumer."""
    from .applications import replace_process
    from .repository import application

    replace_process(
        application(
            "infra/testing/bench", "io.foldlog.testing.bench.Bench", *arguments.arguments, heap_mebibytes=512
        ),
        os.environ,
    )


COMMANDS = {
    "check-tools": check_tools,
    "build": build,
    "tools": tools,
    "check": check,
    "test": test,
    "prove": prove,
    "bench": bench,
}

if __name__ == "__main__":
    sys.exit(main())
