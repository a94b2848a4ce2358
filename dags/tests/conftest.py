"""A dedicated deployment file for each test, with small processes in place of the pipeline's programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest

from foldlog_airflow import deployment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., deployment.Deployment]:
    """Writes a deployment file with the given differences, and sets PIPELINE_DEPLOYMENT to it."""

    def write(**differences: Any) -> deployment.Deployment:
        document = {
            "workingDirectory": str(tmp_path),
            "logs": str(tmp_path / "logs"),
            "reports": str(tmp_path / "reports"),
            "applications": {},
            "batchLayer": {
                "jar": "none.jar",
                "class": "None",
                "master": "local[1]",
                "driverMemory": "512m",
                "driverJavaOptions": "",
                "conf": {},
            },
            "supervisor": {"url": "unix:///none", "user": "", "passwordFile": ""},
            "components": [],
            "speedLayerStatus": str(tmp_path / "status.json"),
            "speedLayerResult": str(tmp_path / "result.json"),
            "failureWebhookFile": "",
            **differences,
        }
        file = tmp_path / "deployment.json"
        file.write_text(json.dumps(document))
        monkeypatch.setenv(deployment.VARIABLE, str(file))
        return deployment.load()

    return write
