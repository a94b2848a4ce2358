"""The stack in each environment alone: programs, DAGs, batch layer and commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from environments import ALONE, PLAIN, Environment
from stack import Stack, running


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def use(stack: Stack) -> None:
    """Records, archives, reconciles and reads users, by Airflow and by commands."""
    for dag in ("user_automation", "nightly_reconcile"):
        stack.client().unpause(dag)
    stack.run("user_automation", count=50, interval=1, duration=2)
    assert json.loads(stack.launch("verify", "--await", "60s", "--json"))
    stack.launch("batch", "archive")
    run = stack.run("nightly_reconcile", 300, scope="full")
    report = stack.result("nightly_reconcile", run, "publish")
    assert report["steps"]["reconcile"]["reconcile"]["outcome"] == "CLEAN"
    assert len(stack.rows()) > 20
    assert "Warning" not in stack.launch("cqlsh", "-e", "SHOW HOST")
    assert json.loads(stack.launch("status", "--json"))["data"]["events"] == 100
    assert all(file.name.isascii() for file in files(stack.folder / "state/lake"))


@pytest.mark.parametrize("environment", ALONE, ids=str)
def test_runs_the_stack(environment: Environment) -> None:
    if not environment.available:
        pytest.skip("needs root and mount namespaces")
    with running(environment) as stack:
        before = files(stack.checkout.root) if environment.has_copy else set()
        use(stack)
        if environment.has_copy:
            assert files(stack.checkout.root) - before == set()
        assert stack.checkout.proxied == []
        assert "The stack is down." in stack.launch("down")


def test_runs_two_checkouts_at_a_time() -> None:
    with running(PLAIN) as first, running(Environment("second", path=True)) as second:
        for stack in (first, second):
            stack.launch("produce", "--count", "20")
        assert "The stack is down." in second.launch("down")
        first.verify()
        assert json.loads(first.launch("status", "--json"))["data"]["events"] == 20
