"""Counts of the data: events, rows in the view, lag, dead letters."""

import dataclasses
import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from foldlog_airflow.speed_layer_status import SpeedLayerStatus, parse as parse_layer

from . import config as configs
from . import private, supervision
from .applications import command
from .config import StackConfig
from .failures import ExitStatus, Failure
from .repository import ROOT

MAX_STATUS_AGE_SECONDS = 10


@dataclass(frozen=True)
class Status:
    """Counts of the data at one time."""

    events: int
    rows: int
    dead_letters: int
    speed_layer: SpeedLayerStatus | None

    def line(self) -> str:
        layer = self.speed_layer
        # the layer replaces its status every second: an old one means that the layer hangs or has ended
        lag = f"{layer.lag:,}" if layer and layer.age_seconds() < MAX_STATUS_AGE_SECONDS else "-"
        held_back = f"   held back {layer.held_back}" if layer and layer.held_back.records else ""
        message = f"\n{layer.held_back.message}" if layer and layer.held_back.message else ""
        delay = (
            f"   delay p50/p99 {layer.delay_p50_millis:,}/{layer.delay_p99_millis:,} ms"
            if layer and layer.delay_count
            else ""
        )
        return (
            f"events in {self.events:,}   rows in the view {self.rows:,}   lag {lag}{held_back}"
            f"   dead letters {self.dead_letters:,}{delay}{message}"
        )


def parse(line: str) -> Status:
    return _status(json.loads(line))


def _status(document: Mapping[str, Any]) -> Status:
    return Status(
        events=document["events"],
        rows=document["rows"],
        dead_letters=document["deadLetters"],
        speed_layer=parse_layer(document["speedLayer"]) if document["speedLayer"] else None,
    )


def query(environment: Mapping[str, str]) -> Status:
    """Queries the counts once."""
    ended = subprocess.run(
        command("admin", "status"), cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise Failure(ended.stderr.strip(), ended.returncode)
    return parse(ended.stdout)


def describe_programs(config: StackConfig) -> Iterator[str]:
    for state in supervision.states(config):
        finished = state.state == "EXITED" and state.exit_status == 0
        yield f"{state.name:<21} {'done' if finished else state.state.lower():<9} {state.description}"


def store(config: StackConfig, line: str) -> None:
    """Stores the last line of the follower for ./foldlog status."""
    private.write(config.counts, line)


def print_status(as_json: bool) -> ExitStatus:
    """Prints the state of the programs and the last counts of the data."""
    config = configs.started(os.environ)
    if not supervision.is_running(config):
        raise Failure(
            f"The stack in {config.state} is not running: ./foldlog up starts it.", ExitStatus.UNAVAILABLE
        )
    counts = json.loads(config.counts.read_text(encoding="utf-8")) if config.counts.exists() else None
    if as_json:
        programs = [dataclasses.asdict(state) for state in supervision.states(config)]
        print(json.dumps({"programs": programs, "data": counts}, indent=2))
        return ExitStatus.SUCCESS
    for line in describe_programs(config):
        print(line)
    print(_status(counts).line() if counts else "The data has not been counted yet.")
    return ExitStatus.SUCCESS
