"""Starts, stops and checks the pipeline's long-running components, in the order of their dependencies."""

from __future__ import annotations

import itertools
import logging
import socket
import time
from dataclasses import dataclass
from operator import attrgetter

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from . import results, speed_layer_status
from .deployment import Component, Deployment
from .results import Result
from .supervisor import State, Supervisor, connection
from .task_failure import last_message

SPEED_LAYER = "speed-layer"
MAX_START_ATTEMPTS = 3
SETTLE_TIMEOUT_SECONDS = 300
_CONNECT_TIMEOUT_SECONDS = 10

_LOG = logging.getLogger(__name__)
_RUNNING = "RUNNING"
_STARTING_STATES = ("STARTING", "BACKOFF")
_STOPPED_STATES = ("STOPPED", "STOPPING")
_ENDED_STATES = ("EXITED", "FATAL", "UNKNOWN")


def start(deployed: Deployment) -> list[str]:
    """Starts the components that do not run, in order, and waits until they run.

    A step runs again only after a component before it was started.

    :return: a line for each component
    :raises AirflowFailException: with the component's last message, when it ends and is not restarted
    :raises AirflowException: when a server that Airflow does not control does not answer
    """
    lines = _check_external_servers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        started = False
        for group in pipeline.start_groups():
            to_start = [
                component
                for component in group
                if not _is_healthy(component, supervisor.state(component.name))
                or (component.step and started)
            ]
            for component in to_start:
                supervisor.start(component.name)
            for component in group:
                state = pipeline.await_settled(component)
                if not _is_healthy(component, state):
                    raise pipeline.failure(component, state)
                started_text, unchanged_text = (
                    ("done", "was done before") if component.step else ("started", "runs already")
                )
                lines.append(
                    f"{component.name}: {started_text if component in to_start else unchanged_text}"
                )
            started = started or bool(to_start)
        return _logged(lines)


def stop(deployed: Deployment) -> list[str]:
    """Stops all components in the opposite order. Only an operator starts a stopped component again.

    :return: a line for each component
    """
    lines = [
        f"{server.name}: not controlled by Airflow"
        for server in deployed.components
        if not server.controlled
    ]
    with connection(deployed.supervisor) as supervisor:
        for group in reversed(_Pipeline(deployed, supervisor).start_groups()):
            for component in group:
                if component.step:
                    continue
                before = supervisor.state(component.name).state
                if before in _ENDED_STATES:
                    # supervisord cannot stop a program that has ended, and a health run would start it
                    supervisor.start(component.name)
                supervisor.stop(component.name)
                outcome = "was stopped" if before in _STOPPED_STATES else "stopped"
                lines.append(f"{component.name}: {outcome}")
        return _logged(lines)


def require_servers(deployed: Deployment) -> list[str]:
    """Checks that the servers run: all components before the first step.

    :return: a line for each server
    :raises AirflowFailException: when an operator has stopped a server
    :raises AirflowException: when a server does not run
    """
    lines = _check_external_servers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        for server in itertools.chain(*pipeline.start_groups()):
            if server.step or server.name == SPEED_LAYER:
                break
            state = supervisor.state(server.name)
            if state.state in _STOPPED_STATES:
                raise AirflowFailException(
                    f"{server.name} was stopped: start it by streaming_pipeline with action=start."
                )
            if state.state != _RUNNING:
                raise AirflowException(
                    f"{server.name} does not run ({state.state}); {pipeline.last_message_of(server)}"
                )
            lines.append(f"{server.name}: runs")
        return _logged(lines)


def check_health(deployed: Deployment) -> list[str]:
    """Starts the components that supervisord no longer restarts. Stopped components stay stopped.

    Makes up to three attempts, or one if the component's result file says that no retry helps. A
    component is not started while a server that it needs does not run.

    :return: a line for each component
    :raises AirflowFailException: with the component's last message, when it does not start
    :raises AirflowException: when a server that Airflow does not control does not answer
    """
    lines = _check_external_servers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        missing: list[str] = []
        for group in pipeline.start_groups():
            missing_before = list(missing)
            for component in group:
                state = pipeline.await_settled(component)
                if _is_healthy(component, state):
                    lines.append(f"{component.name}: {'done' if component.step else 'runs'}")
                elif state.state in _STOPPED_STATES:
                    missing.append(component.name)
                    lines.append(f"{component.name}: stopped by an operator, not started")
                elif missing_before:
                    missing.append(component.name)
                    lines.append(f"{component.name}: waits for {', '.join(missing_before)}")
                else:
                    attempts = pipeline.restart(component)
                    lines.append(f"{component.name}: had ended, started again (try {attempts})")
        return _logged(lines)


def _check_external_servers(deployed: Deployment) -> list[str]:
    """Checks that the servers that Airflow does not control answer; a line for each."""
    lines = []
    for server in sorted(deployed.components, key=attrgetter("order")):
        if not server.controlled:
            host, port = server.address.rsplit(":", 1)
            try:
                socket.create_connection((host, int(port)), timeout=_CONNECT_TIMEOUT_SECONDS).close()
            except OSError as error:
                raise AirflowException(
                    f"{server.name} does not answer at {server.address} ({error}). Airflow does not"
                    " control it: ask its operator."
                ) from error
            lines.append(f"{server.name}: answers at {server.address}, not controlled by Airflow")
    return lines


@dataclass(frozen=True)
class _Pipeline:
    """The components and the supervisord that runs them."""

    deployed: Deployment
    supervisor: Supervisor

    def start_groups(self) -> list[list[Component]]:
        """The controlled components in start order; components of one list may start together."""
        order = attrgetter("order")
        controlled = sorted(
            (component for component in self.deployed.components if component.controlled), key=order
        )
        return [list(group) for _, group in itertools.groupby(controlled, key=order)]

    def restart(self, component: Component) -> int:
        """Starts a component that has ended; returns the number of attempts.

        There is no further attempt if the component's result file says that no retry helps.
        """
        for attempt in range(1, MAX_START_ATTEMPTS + 1):
            _LOG.warning("%s has ended: starting it, attempt %d", component.name, attempt)
            self.supervisor.start(component.name)
            state = self.await_settled(component)
            if _is_healthy(component, state):
                return attempt
            result = self.result_of(component, state)
            if result and not result.retryable:
                break
        raise self.failure(component, state)

    def await_settled(self, component: Component) -> State:
        """Waits while supervisord starts the component and until the component reports its status."""
        deadline = time.monotonic() + SETTLE_TIMEOUT_SECONDS
        while True:
            state = self.supervisor.state(component.name)
            if not self._is_moving(component, state):
                return state
            if time.monotonic() > deadline:
                raise AirflowException(
                    f"{component.name} did not start within {SETTLE_TIMEOUT_SECONDS} s"
                    f" ({state.state}); {self.last_message_of(component)}"
                )
            time.sleep(0.5)

    def _is_moving(self, component: Component, state: State) -> bool:
        if state.state != _RUNNING:
            return state.state in _STARTING_STATES
        if component.name == SPEED_LAYER:
            # supervisord reports RUNNING after some seconds; the layer may still exit with an error
            status = speed_layer_status.read(self.deployed.speed_layer_status)
            return status is None or status.updated.timestamp() < state.started
        return component.step

    def failure(self, component: Component, state: State) -> AirflowException:
        # supervisord reports an exit status only in the state EXITED
        status = f", status {state.exit_status}" if state.state == "EXITED" else ""
        result = self.result_of(component, state)
        reason = f"it says: {result.message}" if result else self.last_message_of(component)
        return AirflowFailException(f"{component.name} does not run ({state.state}{status}); {reason}")

    def result_of(self, component: Component, state: State) -> Result | None:
        """The result file that the component wrote at its last end; only the speed layer writes one."""
        if component.name != SPEED_LAYER:
            return None
        return results.read_since(self.deployed.speed_layer_result, state.started)

    def last_message_of(self, component: Component) -> str:
        return f"its last message: {last_message(self.supervisor.last_lines(component.name))}"


def _is_healthy(component: Component, state: State) -> bool:
    if component.step:
        return state.state == "EXITED" and state.exit_status == 0
    return state.state == _RUNNING


def _logged(lines: list[str]) -> list[str]:
    for line in lines:
        _LOG.info(line)
    return lines
