"""The stack in each environment alone: programs, DAGs, batch layer and commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from environments import ALONE, Environment
from stack import running


@pytest.mark.parametrize("environment", ALONE, ids=str)
def test_runs_the_stack(environment: Environment) -> None:
    if not environment.available:
        pytest.skip("needs root and mount namespaces")
    with running(environment) as stack:
        for dag in ("user_automation", "nightly_reconcile"):
            stack.client().unpause(dag)
        stack.run("user_automation", count=50, interval=1, duration=2)
        assert stack.launch("verify", "--await", "60s", "--json")
        stack.launch("batch", "archive")
        run = stack.run("nightly_reconcile", 300, scope="full")
        report = stack.result("nightly_reconcile", run, "publish")
        assert report["steps"]["reconcile"]["reconcile"]["outcome"] == "CLEAN"
        assert len(stack.rows()) > 20
        assert stack.checkout.proxied == []
        assert json.loads(stack.launch("status", "--json"))["data"]["events"] == 100
        assert "The stack is down." in stack.launch("down")
        lake = stack.folder / "state/lake"
        assert all(file.name.isascii() for file in Path(lake).rglob("*"))
