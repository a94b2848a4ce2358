from __future__ import annotations

import os
import time

import pytest
from airflow.sdk.exceptions import AirflowFailException

from foldlog_airflow import ingestion


@pytest.mark.parametrize(
    ("count", "interval", "duration", "events"),
    [(15, 0.1, 19, 2850), (10, 10, 60, 60), (10, 10, 61, 70), (10, 60, 5, 10), (3, 0.7, 7, 30)],
)
def test_total_events_is_count_per_interval(
    count: int, interval: float, duration: int, events: int
) -> None:
    params = {"count": count, "interval": interval, "duration": duration}
    assert ingestion.total_events(params) == events


def test_rejects_more_than_the_maximum_number_of_events() -> None:
    with pytest.raises(AirflowFailException, match="are 1,080,000 events, and a run may record"):
        ingestion.total_events({"count": 5000, "interval": 100, "duration": 21600})


def test_keeps_the_ack_journal_of_a_run_for_30_days(deploy) -> None:
    deployed = deploy()
    path = ingestion.ack_journal_file("manual__2026-01-01T00:00:00+00:00")
    assert path == ingestion.ack_journal_file("manual__2026-01-01T00:00:00+00:00")
    assert path.endswith("/reports/acknowledged/manual__2026-01-01T00_00_00+00_00.jsonl")
    folder = deployed.reports / "acknowledged"
    for name, days in (("old.jsonl", 31), ("new.jsonl", 29)):
        (folder / name).write_text("")
        modified = time.time() - days * 24 * 3600
        os.utime(folder / name, (modified, modified))
    ingestion.ack_journal_file("another")
    assert [file.name for file in folder.iterdir()] == ["new.jsonl"]
