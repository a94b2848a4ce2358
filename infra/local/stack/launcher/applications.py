"""Replaces this process with a Java application, which receives the arguments unchanged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Mapping, NoReturn

from . import config as configs, scratch
from .failures import ExitStatus
from .repository import ROOT, application, fat_jar, java, spark_environment, spark_home, temporary_folder
from .submission import batch_layer

# module, main class and heap in MiB of the applications without Spark
APPLICATIONS = {
    "producer": ("ingestion/producer", "io.foldlog.producer.Producer", 128),
    "admin": ("infra/admin", "io.foldlog.admin.AdminApplication", 512),
}
BATCH_LAYER = "batch-layer"


@dataclass(frozen=True)
class Command:
    """A command of an application.

    :param application: name of the application
    :param arguments: arguments of the application that precede the user's arguments
    """

    description: str
    application: str
    arguments: tuple[str, ...] = ()


COMMANDS = {
    "produce": Command("Records users' events in the log.", "producer"),
    "batch": Command("Runs the batch layer: nightly, archive, fold, reconcile or maintain.", BATCH_LAYER),
    "verify": Command("Compares the view with the fold of the log.", "admin", ("verify",)),
    "dead-letters": Command(
        "Counts, lists, shows and replays rejected records, and skips a record.", "admin", ("dead-letters",)
    ),
    "settings": Command("Prints the settings in force and their origins.", "admin", ("settings",)),
    "preflight": Command("Checks external servers and the lake before first use.", "admin", ("preflight",)),
    "provision": Command("Creates topics, keyspace, table and roles.", "admin", ("provision",)),
}
HELP = frozenset(("-h", "--help", "--version"))


def run(name: str, arguments: list[str]) -> NoReturn:
    """Replaces this process with the application of the command."""
    os.chdir(ROOT)
    selected = COMMANDS[name]
    if name == "preflight" and not HELP.intersection(arguments):
        _preflight(arguments)
    all_arguments = [*selected.arguments, *arguments]
    if selected.application != BATCH_LAYER:
        replace_process(
            command(selected.application, *all_arguments), configs.program_environment(os.environ)
        )
    if not arguments or HELP.intersection(arguments):
        replace_process(_help_of_batch_layer(all_arguments), os.environ)
    config = configs.started_or_resolved(os.environ)
    replace_process(
        batch_layer(config, *all_arguments), {**config.environment(os.environ), **spark_environment()}
    )


def replace_process(argv: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Executes the command in this process; its exit status is the exit status of this process."""
    scratch.share(temporary_folder())
    sys.stdout.flush()
    os.execvpe(argv[0], argv, dict(environment))


def _preflight(arguments: list[str]) -> NoReturn:
    """Runs the preflight of the admin application and of the batch layer, and prints both reports."""
    config = configs.resolve(os.environ)
    environment = {**config.environment(os.environ), **spark_environment()}
    json_option = [argument for argument in arguments if argument == "--json"]
    commands = {
        "servers": command("admin", "preflight", *arguments),
        "lake": batch_layer(config, "preflight", *json_option),
    }
    output = subprocess.PIPE if json_option else None
    runs = {
        name: subprocess.run(argv, cwd=ROOT, env=environment, check=False, stdout=output)
        for name, argv in commands.items()
    }
    if json_option:
        reports = {name: json.loads(run.stdout) if run.stdout else None for name, run in runs.items()}
        print(json.dumps(reports, indent=2))
    statuses = (run.returncode for run in runs.values())
    sys.exit(ExitStatus(next((status for status in statuses if status), ExitStatus.SUCCESS)))


def _help_of_batch_layer(arguments: list[str]) -> list[str]:
    """The command line without spark-submit, which would take seconds to print the help."""
    class_path = f"{fat_jar(BATCH_LAYER)}:{spark_home() / 'jars'}/*"
    return [java(), "-XX:TieredStopAtLevel=1", "-cp", class_path, "io.foldlog.batch.BatchLayer", *arguments]


def command(name: str, *arguments: str) -> list[str]:
    """The command line of an application without Spark."""
    module, main, heap_mebibytes = APPLICATIONS[name]
    # the record may be larger than any other process can read
    skips_record = arguments[:2] == ("dead-letters", "skip")
    return application(module, main, *arguments, heap_mebibytes=None if skips_record else heap_mebibytes)
