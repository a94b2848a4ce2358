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
from .supervisor import connection

SEEN = "streaming_pipeline_lag"
"""The Airflow variable with the lags of the last checks, oldest first."""

CHECKS = 4
NOISE = 1_000
"""A running stream is always a few records behind; below this nothing is growing."""

_SAMPLES = 3
_SILENT_SECONDS = 60
_LOG = logging.getLogger(__name__)


def check(deployed: Deployment) -> int | None:
    """Remembers the speed layer's lag, and fails when it has grown from check to check.

    :return: the lag; None of a layer that does not run, or has not said anything yet
    :raises AirflowFailException: when the lag has grown over the last checks, or the layer hangs
    """
    with connection(deployed.supervisor) as supervisor:
        layer = supervisor.state(SPEED_LAYER)
    lag = _least(deployed.speed_layer_status) if layer.state == "RUNNING" else None
    if lag is None:
        if layer.state == "RUNNING" and time.time() - layer.started > 2 * _SILENT_SECONDS:
            raise AirflowFailException(
                f"The speed layer runs, but has not written {deployed.speed_layer_status} for a"
                " minute: see its log (./foldlog logs speed-layer); streaming_pipeline with"
                " action=restart restarts it."
            )
        _LOG.info("event=lag_unknown state=%s", layer.state)
        return None
    lags = [*Variable.get(SEEN, default=[], deserialize_json=True), lag][-CHECKS:]
    Variable.set(SEEN, lags, serialize_json=True)
    _LOG.info("lag %d, at the checks before %s", lag, lags[:-1])
    if grows(lags):
        raise AirflowFailException(
            f"The speed layer falls behind: its lag at the last {CHECKS} checks was"
            f" {', '.join(map(str, lags))} records. See docs/runbook.md, The speed layer keeps restarting."
        )
    return lag


def grows(lags: Sequence[int]) -> bool:
    """Whether so many checks in a row found more than the one before, and more than noise."""
    return (
        len(lags) == CHECKS
        and lags[-1] > NOISE
        and all(before < after for before, after in itertools.pairwise(lags))
    )


def _least(status_file: Path) -> int | None:
    """The least of a few looks: the lag of a stream goes up and down between its commits.

    None when it has not been said for a while.
    """
    lags = []
    for look in range(_SAMPLES):
        if look:
            time.sleep(1)
        status = speed_layer_status.read(status_file)
        if status is None or status.age_seconds() > _SILENT_SECONDS:
            return None
        lags.append(status.lag)
    return min(lags)
