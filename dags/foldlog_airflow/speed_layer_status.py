"""The status file of the speed layer. The running layer replaces it every second."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping


@dataclass(frozen=True)
class HeldBackRecords:
    """Records that an open transaction holds back: readers see them when it has ended.

    :param age_seconds: of the oldest record
    :param message: the command that ends the transaction; empty if Kafka ends it by itself
    """

    records: int
    age_seconds: int
    message: str

    def __str__(self) -> str:
        age = f", the oldest for {self.age_seconds:,} s" if self.records else ""
        return f"{self.records:,}{age}"


@dataclass(frozen=True)
class SpeedLayerStatus:
    """The content of the status file (docs/data-reference.md).

    :param updated: when the file was written
    :param state: running, stopped or failed
    :param trigger: continuous or micro-batch
    :param epoch: the last committed epoch; None before the first
    :param lag: committed records of the log that are not in the view yet
    :param held_back: they are not part of the lag
    :param delay_count: events since the start, over which the percentiles are computed
    :param delay_p50_millis: from a record's timestamp to its acknowledgement by Cassandra
    """

    updated: datetime.datetime
    state: str
    trigger: str
    epoch: int | None
    lag: int
    held_back: HeldBackRecords
    delay_count: int
    delay_p50_millis: int
    delay_p99_millis: int

    def age_seconds(self) -> float:
        return (datetime.datetime.now(datetime.timezone.utc) - self.updated).total_seconds()


def read(file: Path) -> SpeedLayerStatus | None:
    """The status; None if the layer has never written the file."""
    try:
        return parse(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def parse(document: Mapping[str, Any]) -> SpeedLayerStatus:
    delay = document["delay"]["run"]
    return SpeedLayerStatus(
        updated=datetime.datetime.fromisoformat(document["updated"].replace("Z", "+00:00")),
        state=document["state"],
        trigger=document["trigger"],
        epoch=document["epoch"],
        lag=document["lag"],
        held_back=_held_back(document.get("held-back")),
        delay_count=delay["count"],
        delay_p50_millis=delay["p50-ms"],
        delay_p99_millis=delay["p99-ms"],
    )


def _held_back(document: Mapping[str, Any] | None) -> HeldBackRecords:
    """None is a file of a release that reads records of open transactions."""
    if document is None:
        return HeldBackRecords(0, 0, "")
    return HeldBackRecords(document["records"], document["age-s"], document.get("message", ""))
