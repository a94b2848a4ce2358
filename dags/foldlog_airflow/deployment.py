"""The deployment file, which the launcher or the container writes: the components that run beside Airflow."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

from airflow.sdk.exceptions import AirflowFailException

from .supervisor import SupervisorAddress

VARIABLE = "PIPELINE_DEPLOYMENT"


@dataclass(frozen=True)
class BatchLayer:
    """How spark-submit starts the batch layer. The Spark connection of Airflow names the master."""

    jar: str
    main_class: str
    driver_memory: str
    driver_java_options: str
    conf: Mapping[str, str]


@dataclass(frozen=True)
class Component:
    """A long-running program of the pipeline, or a step before others, with its name in supervisord.

    A component that is not controlled is an external server or runs under a container engine.
    Airflow only checks that it answers at its address, and never starts or stops it.
    """

    name: str
    order: int
    step: bool
    controlled: bool
    address: str


@dataclass(frozen=True)
class Deployment:
    """The pipeline that this Airflow runs."""

    working_directory: Path
    reports: Path
    applications: Mapping[str, list[str]]
    batch_layer: BatchLayer
    supervisor: SupervisorAddress
    components: list[Component]
    speed_layer_status: Path
    speed_layer_result: Path
    failure_webhook_file: Path | None

    def application(self, name: str) -> list[str]:
        """The command line of an application, without arguments."""
        if name not in self.applications:
            raise AirflowFailException(
                f"The deployment file has no application {name}, only"
                f" {', '.join(sorted(self.applications))}: start the stack again."
            )
        return list(self.applications[name])


def load() -> Deployment:
    """Reads the file. Only for running tasks: a DAG file must not read it."""
    path = os.environ.get(VARIABLE)
    if not path:
        raise AirflowFailException(
            f"The environment variable {VARIABLE} names no deployment file: start Airflow by ./foldlog up."
        )
    try:
        return parse(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AirflowFailException(
            f"The deployment file {path} ({VARIABLE}) cannot be read ({error!r}): start the stack"
            " again, which writes it."
        ) from error


def parse(document: Mapping[str, Any]) -> Deployment:
    batch_layer = document["batchLayer"]
    supervisor = document["supervisor"]
    webhook = document["failureWebhookFile"]
    return Deployment(
        working_directory=Path(document["workingDirectory"]),
        reports=Path(document["reports"]),
        applications=document["applications"],
        batch_layer=BatchLayer(
            jar=batch_layer["jar"],
            main_class=batch_layer["class"],
            driver_memory=batch_layer["driverMemory"],
            driver_java_options=batch_layer["driverJavaOptions"],
            conf=batch_layer["conf"],
        ),
        supervisor=SupervisorAddress(
            supervisor["url"], supervisor["user"], supervisor["passwordFile"]
        ),
        components=[
            Component(
                name=component["name"],
                order=component["order"],
                step=component.get("step", False),
                controlled=component["controlled"],
                address=component.get("address", ""),
            )
            for component in document["components"]
        ],
        speed_layer_status=Path(document["speedLayerStatus"]),
        speed_layer_result=Path(document["speedLayerResult"]),
        failure_webhook_file=Path(webhook) if webhook else None,
    )
