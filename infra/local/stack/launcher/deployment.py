"""The deployment file: what the DAGs have to know of this stack, read by their tasks."""

from __future__ import annotations

import json
from typing import Any

from . import private
from .applications import command
from .plan import Plan, step
from .programs import Program, batch_submission
from .repository import ROOT, fat_jar


def write(plan: Plan, components: list[Program]) -> None:
    """Writes it, mode 600, before anything starts."""
    private.write(plan.deployment, json.dumps(document(plan, components), indent=2) + "\n")


def document(plan: Plan, components: list[Program]) -> dict[str, Any]:
    batch = batch_submission(plan)
    return {
        "workingDirectory": str(ROOT),
        "logs": str(plan.logs),
        "reports": str(plan.reports),
        "applications": {
            "provision": step("provision"),
            "producer": command("producer"),
            "verifier": command("verifier"),
            "status": step("status"),
        },
        "batchLayer": {
            "jar": str(fat_jar("batch-layer")),
            "class": batch.main,
            "master": batch.master,
            "driverMemory": batch.driver_memory,
            "driverJavaOptions": batch.driver_java_options,
            "conf": batch.configuration,
        },
        # of the supervisor's interface; on a unix socket of mode 600 nobody needs a password
        "supervisor": {"url": f"unix://{plan.socket}", "user": "", "passwordFile": ""},
        "components": [
            {"name": program.name, "order": program.order, "step": program.step, "controlled": True}
            for program in components
        ],
        "speedLayerStatus": str(plan.speed_layer_status),
        "failureWebhookFile": plan.airflow.failure_webhook_file,
    }
