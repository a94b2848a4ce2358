"""Runs one of the applications with the stack's settings, in place of the launcher."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import NoReturn

from . import plan as plans
from .failures import ExitStatus
from .repository import ROOT, application, spark_environment
from .submission import batch_layer

# module, main class, and heap in MiB
APPLICATIONS = {
    "producer": ("ingestion/producer", "io.foldlog.producer.Producer", 128),
    "verifier": ("infra/verifier", "io.foldlog.verifier.Verifier", 512),
    "bench": ("infra/testing/bench", "io.foldlog.testing.bench.Bench", 512),
}


def run(name: str, arguments: list[str]) -> NoReturn:
    """Becomes the application; its exit status is this command's."""
    os.chdir(ROOT)
    environment = {**os.environ, **spark_environment()}
    if name in APPLICATIONS:
        argv = command(name, *arguments)
    else:
        argv = batch_layer(plans.load(os.environ), *arguments)
    sys.stdout.flush()
    os.execvpe(argv[0], argv, environment)


def run_preflight(plan: plans.Plan) -> ExitStatus:
    """Looks at the servers and at the lake, each of which says what it found."""
    environment = {**os.environ, **spark_environment()}
    commands = (plans.step("check"), batch_layer(plan, "check"))
    statuses = [
        subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        for command in commands
    ]
    return ExitStatus(next((status for status in statuses if status), ExitStatus.DONE))


def command(name: str, *arguments: str) -> list[str]:
    """The command line of an application that needs no Spark."""
    module, main, heap_mebibytes = APPLICATIONS[name]
    return application(module, main, *arguments, heap_mebibytes=heap_mebibytes)
