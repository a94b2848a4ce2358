"""Writes the deployment file, which the DAGs' tasks read."""

from __future__ import annotations

import json
from typing import Any

from . import private, supervision
from .applications import command
from .config import StackConfig
from .programs import SERVER_ORDER, Program
from .repository import ROOT, fat_jar
from .submission import batch_submission


def write(config: StackConfig, components: list[dict[str, Any]]) -> None:
    """Writes the deployment file with mode 600. Must precede the start of Airflow."""
    private.write(config.deployment, json.dumps(document(config, components), indent=2) + "\n")


def controlled(program: Program) -> dict[str, Any]:
    """A component that supervisord runs and that Airflow may start and stop."""
    return {
        "name": program.name,
        "order": program.order,
        "step": program.step,
        "controlled": True,
        "address": "",
    }


def external(config: StackConfig, *, kafka: bool, cassandra: bool) -> list[dict[str, Any]]:
    """The servers that Airflow only checks, because others or a container engine run them."""
    servers = []
    if kafka:
        servers.append(_checked("kafka", config.bootstrap_servers.split(",")[0].strip()))
    if cassandra:
        servers.append(_checked("cassandra", f"{config.view.host}:{config.view.port}"))
    return servers


def _checked(name: str, address: str) -> dict[str, Any]:
    """A component that Airflow neither starts nor stops: it only checks that the address answers."""
    return {
        "name": name,
        "order": SERVER_ORDER,
        "step": False,
        "controlled": False,
        "address": address,
    }


def document(config: StackConfig, components: list[dict[str, Any]]) -> dict[str, Any]:
    batch = batch_submission(config)
    return {
        "workingDirectory": str(ROOT),
        "logs": str(config.logs),
        "reports": str(config.reports),
        "applications": {
            "provision": command("admin", "provision"),
            "producer": command("producer"),
        },
        "batchLayer": {
            "jar": str(fat_jar("batch-layer")),
            "class": batch.main,
            "master": batch.master,
            "driverMemory": batch.driver_memory,
            "driverJavaOptions": batch.driver_java_options,
            "conf": batch.configuration,
        },
        "supervisor": _supervisor(config),
        "components": components,
        "speedLayerStatus": str(config.speed_layer_status),
        "speedLayerResult": str(config.speed_layer_result),
        "failureWebhookFile": config.airflow.failure_webhook_file,
    }


def _supervisor(config: StackConfig) -> dict[str, str]:
    """The address of supervisord's interface. A unix socket of mode 600 needs no password."""
    if config.supervisor.port == 0:
        return {"url": f"unix://{config.socket}", "user": "", "passwordFile": ""}
    return {
        "url": f"http://{config.supervisor.host}:{config.supervisor.port}",
        "user": supervision.USER,
        "passwordFile": str(supervision.password_file(config)),
    }
