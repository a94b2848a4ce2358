"""Becomes one of the Java applications; its arguments are handed to it as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Mapping, NoReturn

from . import config as configs
from .failures import ExitStatus
from .repository import ROOT, application, fat_jar, java, spark_environment, spark_home
from .submission import batch_layer

# module, main class and heap in MiB of the applications that need no Spark
APPLICATIONS = {
    "producer": ("ingestion/producer", "io.foldlog.producer.Producer", 128),
    "admin": ("infra/admin", "io.foldlog.admin.AdminApplication", 512),
}
BATCH_LAYER = "batch-layer"


@dataclass(frozen=True)
class Command:
    """A command of an application.

    :param application: its name
    :param arguments: of the application, before the user's own
    """

    description: str
    application: str
    arguments: tuple[str, ...] = ()


COMMANDS = {
    "produce": Command("Records users' events in the log.", "producer"),
    "batch": Command("Runs the batch layer: nightly, archive, fold, reconcile or maintain.", BATCH_LAYER),
    "verify": Command("Compares the view with the fold of the log.", "admin", ("verify",)),
    "dead-letters": Command(
        "Counts, lists, shows and replays rejected records.", "admin", ("dead-letters",)
    ),
    "settings": Command("Prints the settings in force and their origins.", "admin", ("settings",)),
    "preflight": Command("Checks servers and a lake that others run.", "admin", ("preflight",)),
    "provision": Command("Creates topics, keyspace, table and roles.", "admin", ("provision",)),
}
HELP = frozenset(("-h", "--help", "--version"))


def run(name: str, arguments: list[str]) -> NoReturn:
    """Becomes the application of the command; its exit status is this process's."""
    os.chdir(ROOT)
    found = COMMANDS[name]
    if name == "preflight" and not HELP.intersection(arguments):
        _preflight(arguments)
    own = [*found.arguments, *arguments]
    if found.application != BATCH_LAYER:
        become(command(found.application, *own), configs.program_environment(os.environ))
    if not arguments or HELP.intersection(arguments):
        become(_help_of_batch_layer(own), os.environ)
    config = configs.started_or_resolved(os.environ)
    become(batch_layer(config, *own), {**config.environment(os.environ), **spark_environment()})


def become(argv: list[str], environment: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    os.execvpe(argv[0], argv, dict(environment))


def _preflight(arguments: list[str]) -> NoReturn:
    """Checks the servers and the lake, each of which reports what it found."""
    config = configs.resolve(os.environ)
    environment = {**config.environment(os.environ), **spark_environment()}
    json_option = [argument for argument in arguments if argument == "--json"]
    commands = {
        "servers": command("admin", "preflight", *arguments),
        "lake": batch_layer(config, "preflight", *json_option),
    }
    captured = subprocess.PIPE if json_option else None
    runs = {
        name: subprocess.run(argv, cwd=ROOT, env=environment, check=False, stdout=captured)
        for name, argv in commands.items()
    }
    if json_option:
        found = {name: json.loads(run.stdout) if run.stdout else None for name, run in runs.items()}
        print(json.dumps(found, indent=2))
    statuses = (run.returncode for run in runs.values())
    sys.exit(ExitStatus(next((status for status in statuses if status), ExitStatus.SUCCESS)))


def _help_of_batch_layer(arguments: list[str]) -> list[str]:
    """Without spark-submit, which would take seconds for it."""
    class_path = f"{fat_jar(BATCH_LAYER)}:{spark_home() / 'jars'}/*"
    return [java(), "-XX:TieredStopAtLevel=1", "-cp", class_path, "io.foldlog.batch.BatchLayer", *arguments]


def command(name: str, *arguments: str) -> list[str]:
    """The command line of an application that needs no Spark."""
    module, main, heap_mebibytes = APPLICATIONS[name]
    return application(module, main, *arguments, heap_mebibytes=heap_mebibytes)
