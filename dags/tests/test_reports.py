"""The report of a nightly run."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from foldlog_airflow import reports

HELD_BACK = {
    "records": 2,
    "oldest": "2026-01-31T01:00:00Z",
    "message": "2 records are held back by an open transaction, the oldest for 3600 s.",
}


def test_names_the_records_held_back_by_an_open_transaction(
    deploy, caplog: pytest.LogCaptureFixture
) -> None:
    deploy()
    steps = {"archive": {"archive": {"records": 1, "held_back": HELD_BACK}}, "reconcile": None}
    with caplog.at_level(logging.WARNING):
        report = reports.publish("run-1", steps)
    assert report["held_back"] == HELD_BACK
    assert HELD_BACK["message"] in caplog.text
    assert json.loads(Path(report["file"]).read_text()) == report


def test_reports_what_was_held_back_at_the_last_step(deploy) -> None:
    deploy()
    none = {"records": 0, "oldest": None, "message": ""}
    steps = {
        "archive": {"archive": {"held_back": HELD_BACK}},
        "reconcile": {"reconcile": {"held_back": none}},
    }
    assert reports.publish("run-1", steps)["held_back"] == none
    assert reports.publish("run-2", {"archive": None})["held_back"] == none
