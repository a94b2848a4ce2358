"""The command line: `./foldlog COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Callable

from . import environment
from .applications import COMMANDS as APPLICATION_COMMANDS
from .failures import ExitStatus, Failure

EXAMPLES = """\
examples:
  ./foldlog up                                    runs the stack; Ctrl-C ends it
  ./foldlog produce --count 500 --rate 100        records events in the log
  ./foldlog cqlsh -e 'select count(*) from spark_streams.created_users'
  ./foldlog batch reconcile --dry-run             compares the view with the fold of the log
  ./foldlog verify --await 60s --json             waits until they are equal
  ./foldlog dead-letters list --reason NOT_JSON   lists rejected records

Every command has --help. Settings: ./foldlog settings, docs/configuration.md.
Exit statuses: docs/runbook.md.
"""

Arguments = argparse.Namespace


def main() -> int:
    environment.complete(os.environ)
    name, rest = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    try:
        if name in APPLICATION_COMMANDS:
            from .applications import run

            run(name, rest)
        parser = _parser()
        arguments, unknown = parser.parse_known_args()
        if unknown and not arguments.accepts_unknown:
            parser.error(f"unknown arguments: {' '.join(unknown)}")
        arguments.passed_on = unknown[1:] if unknown[:1] == ["--"] else unknown
        return int(arguments.run(arguments))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return int(failure.status)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="foldlog",
        description="An event-sourced pipeline of user data: Kafka, Spark, Cassandra, Delta Lake, Airflow.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(
        name: str,
        description: str,
        run: Callable[[Arguments], ExitStatus],
        *examples: str,
        accepts_unknown: bool = False,
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=description,
            description=description,
            epilog="\n".join(["examples:", *(f"  ./foldlog {example}" for example in examples)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(run=run, accepts_unknown=accepts_unknown)
        return added

    command("up", "Runs the stack in the foreground, with a live status line.", _up, "up")
    command("down", "Ends the running stack.", _down, "down")
    status = command(
        "status", "Shows the programs, and counts of the data.", _status, "status", "status --json"
    )
    status.add_argument("--json", action="store_true", help="as one JSON document")
    logs = command("logs", "Follows the programs' logs.", _logs, "logs", "logs speed-layer")
    logs.add_argument("program", nargs="?", metavar="PROGRAM", help="one program only")
    demo = command(
        "demo",
        "Runs the whole pipeline once on a dedicated stack.",
        _demo,
        "demo",
        "demo --source randomuser",
    )
    demo.add_argument(
        "--source",
        default="synthetic",
        choices=["synthetic", "randomuser"],
        help="where users come from (default: %(default)s)",
    )
    demo.add_argument(
        "--screenshots", type=Path, metavar="FOLDER", help="takes screenshots of the Airflow UI at the end"
    )
    reset = command(
        "reset",
        "Deletes log, view, lake, checkpoints and secrets of the stack, after asking.",
        _reset,
        "reset",
        "reset --yes",
    )
    reset.add_argument("--yes", action="store_true", help="does not ask")
    cqlsh = command(
        "cqlsh",
        "Opens cqlsh as the view's reader; passes other arguments to cqlsh.",
        _cqlsh,
        "cqlsh",
        "cqlsh -e 'select * from spark_streams.created_users limit 5'",
        "cqlsh --role admin",
        accepts_unknown=True,
    )
    cqlsh.add_argument(
        "--role", default="reader", choices=["reader", "admin"], help="logs in as (default: %(default)s)"
    )
    for name, application in APPLICATION_COMMANDS.items():
        commands.add_parser(name, help=application.description, add_help=False)
    # the entrypoint of containers: without help text, because users do not call it
    container = commands.add_parser("container")
    container.add_argument("service")
    container.set_defaults(run=_container, accepts_unknown=True)
    return parser


def _up(_: Arguments) -> ExitStatus:
    from .foreground import run_in_foreground

    return run_in_foreground()


def _down(_: Arguments) -> ExitStatus:
    from . import config, stack

    print("The stack is down." if stack.down(config.started(os.environ)) else "The stack is not running.")
    return ExitStatus.SUCCESS


def _status(arguments: Arguments) -> ExitStatus:
    from .status import print_status

    return print_status(arguments.json)


def _logs(arguments: Arguments) -> ExitStatus:
    from . import logs, config

    return logs.follow(config.started(os.environ).logs, arguments.program)


def _demo(arguments: Arguments) -> ExitStatus:
    from .demo import demo

    return demo(arguments.source, arguments.screenshots)


def _reset(arguments: Arguments) -> ExitStatus:
    from . import config, stack

    started = config.started(os.environ)
    print(f"This deletes the log, the view, the lake, the checkpoints and their secrets: {started.state}")
    if not arguments.yes and input("Delete them? [yes/no] ").strip().lower() not in ("y", "yes"):
        print("Nothing was deleted.")
        return ExitStatus.USAGE_ERROR
    deleted = stack.reset(started)
    print("Deleted " + (", ".join(path.name for path in deleted) or "nothing: there was no state") + ".")
    return ExitStatus.SUCCESS


def _cqlsh(arguments: Arguments) -> ExitStatus:
    from . import cqlsh, config

    stack = config.started_or_resolved(os.environ)
    login = stack.view.reader if arguments.role == "reader" else stack.view.admin
    return cqlsh.interactive(stack, login, arguments.passed_on)


def _container(arguments: Arguments) -> ExitStatus:
    from .container import SERVICES, exec_service

    if arguments.service not in SERVICES:
        raise Failure(f"There is no service {arguments.service}, only {', '.join(SERVICES)}.")
    exec_service(arguments.service, arguments.passed_on)


if __name__ == "__main__":
    sys.exit(main())
