"""Runs one of the applications with the stack's settings, in place of the launcher."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from . import plan as plans
from .programs import batch_layer
from .repository import ROOT, application, spark_home


def run(name: str, arguments: list[str]) -> NoReturn:
    """Becomes the application; its exit status is this command's."""
    os.chdir(ROOT)
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = _command(name, arguments)
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)


def _command(name: str, arguments: list[str]) -> list[str]:
    match name:
        case "producer":
            return application("ingestion/producer", "io.foldlog.producer.Producer", *arguments)
        case "verifier":
            return application(
                "infra/verifier",
                "io.foldlog.verifier.Verifier",
                *arguments,
                heap_mebibytes=512,
            )
        case "bench":
            return application(
                "infra/bench", "io.foldlog.bench.Bench", *arguments, heap_mebibytes=512
            )
    return batch_layer(plans.load(os.environ), *arguments)
