"""Whether the speed layer keeps up with the log."""

from __future__ import annotations

import itertools
import logging
import time
from pathlib import Path
from typing import Sequence

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowFailException

from . import speed_layer_status
from .components import SPEED_LAYER
from .deployment import Deployment
from .speed_layer_status import SpeedLayerStatus
from .supervisor import connection

LAGS_VARIABLE = "streaming_pipeline_lag"
"""The Airflow variable with the lags of the last checks, oldest first."""

CHECKS = 4
MIN_GROWING_LAG = 1_000
"""Records. A running stream is always a few records behind, so a smaller lag does not count as growth."""

_SAMPLES = 3
_MAX_STATUS_AGE_SECONDS = 60
_LOG = logging.getLogger(__name__)


def check(deployed: Deployment) -> int | None:
    """Stores the speed layer's lag, and fails if it has grown at each of the last checks.

    Logs the records that an open transaction holds back. They do not let the check fail.

    :return: the lag; None if the layer does not run or has not written its status file yet
    :raises AirflowFailException: when the lag has grown over the last checks, or the layer hangs
    """
    with connection(deployed.supervisor) as supervisor:
        layer = supervisor.state(SPEED_LAYER)
    samples = _samples(deployed.speed_layer_status) if layer.state == "RUNNING" else []
    if not samples:
        if layer.state == "RUNNING" and time.time() - layer.started > 2 * _MAX_STATUS_AGE_SECONDS:
            raise AirflowFailException(
                f"The speed layer runs, but has not written {deployed.speed_layer_status} for a"
                " minute: see its log (./foldlog logs speed-layer); streaming_pipeline with"
                " action=restart restarts it."
            )
        _LOG.info("event=lag_unknown state=%s", layer.state)
        return None
    lag = min(sample.lag for sample in samples)
    held_back = samples[-1].held_back
    lags = [*Variable.get(LAGS_VARIABLE, default=[], deserialize_json=True), lag][-CHECKS:]
    Variable.set(LAGS_VARIABLE, lags, serialize_json=True)
    _LOG.info("lag %d, at the checks before %s; held back %s", lag, lags[:-1], held_back)
    if held_back.message:
        _LOG.warning("event=records_held_back reason=%s", held_back.message)
    if grows(lags):
        raise AirflowFailException(
            f"The speed layer falls behind: its lag at the last {CHECKS} checks was"
            f" {', '.join(map(str, lags))} records. See docs/runbook.md, The speed layer keeps restarting."
        )
    return lag


def grows(lags: Sequence[int]) -> bool:
    """Whether each of the last checks found a larger lag than the check before, and the last lag is large."""
    return (
        len(lags) == CHECKS
        and lags[-1] > MIN_GROWING_LAG
        and all(earlier < later for earlier, later in itertools.pairwise(lags))
    )


def _samples(status_file: Path) -> list[SpeedLayerStatus]:
    """Several samples, because the lag rises and falls between commits.

    Empty if the status file is missing or old.
    """
    samples = []
    for sample in range(_SAMPLES):
        if sample:
            time.sleep(1)
        status = speed_layer_status.read(status_file)
        if status is None or status.age_seconds() > _MAX_STATUS_AGE_SECONDS:
            return []
        samples.append(status)
    return samples
