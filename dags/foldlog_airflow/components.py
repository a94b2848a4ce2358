"""Starts, stops and checks the pipeline's long-running components, in the order of their needs."""

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
TRIES = 3
SETTLING_LIMIT_SECONDS = 300
_ANSWER_SECONDS = 10

_LOG = logging.getLogger(__name__)
_RUNNING = "RUNNING"
_ON_THE_WAY = ("STARTING", "BACKOFF")
_STOPPED = ("STOPPED", "STOPPING")
_GIVEN_UP = ("EXITED", "FATAL", "UNKNOWN")


def start(deployed: Deployment) -> list[str]:
    """Starts what does not run, in order, and waits until it does.

    A step runs again only after something before it was started.

    :return: a line for each component
    :raises AirflowFailException: with the component's last message, when it ends for good
    :raises AirflowException: when a server that is not controlled does not answer
    """
    said = _answers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        started = False
        for together in pipeline.in_order():
            wanted = [
                component
                for component in together
                if not _fine(component, supervisor.state(component.name))
                or (component.step and started)
            ]
            for component in wanted:
                supervisor.start(component.name)
            for component in together:
                state = pipeline.settled(component)
                if not _fine(component, state):
                    raise pipeline.given_up(component, state)
                done, before = (
                    ("done", "was done before") if component.step else ("started", "runs already")
                )
                said.append(f"{component.name}: {done if component in wanted else before}")
            started = started or bool(wanted)
        return _told(said)


def stop(deployed: Deployment) -> list[str]:
    """Stops all in the opposite order; what is stopped, nobody but a person starts again.

    :return: a line for each component
    """
    said = [
        f"{server.name}: not controlled by Airflow"
        for server in deployed.components
        if not server.controlled
    ]
    with connection(deployed.supervisor) as supervisor:
        for together in reversed(_Pipeline(deployed, supervisor).in_order()):
            for component in together:
                if component.step:
                    continue
                before = supervisor.state(component.name).state
                if before in _GIVEN_UP:
                    # supervisord stops only what it has not given up, which a health run would start
                    supervisor.start(component.name)
                supervisor.stop(component.name)
                was = "was stopped" if before in _STOPPED else "stopped"
                said.append(f"{component.name}: {was}")
        return _told(said)


def require_servers(deployed: Deployment) -> list[str]:
    """Looks whether the servers run: all components before the first step.

    :return: a line for each of them
    :raises AirflowFailException: when somebody has stopped one
    :raises AirflowException: when one does not run yet, or not any more
    """
    said = _answers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        for server in itertools.chain(*pipeline.in_order()):
            if server.step or server.name == SPEED_LAYER:
                break
            state = supervisor.state(server.name)
            if state.state in _STOPPED:
                raise AirflowFailException(
                    f"{server.name} was stopped: start it by streaming_pipeline with action=start."
                )
            if state.state != _RUNNING:
                raise AirflowException(
                    f"{server.name} does not run ({state.state}); {pipeline.last_words(server)}"
                )
            said.append(f"{server.name}: runs")
        return _told(said)


def check_health(deployed: Deployment) -> list[str]:
    """Starts what supervisord has given up, and leaves alone what was stopped.

    Tries three times, and once where the component's own result says that no retry helps. Nothing
    is started whose servers do not run.

    :return: a line for each component
    :raises AirflowFailException: with the component's last message, when it does not come back
    :raises AirflowException: when a server that is not controlled does not answer
    """
    said = _answers(deployed)
    with connection(deployed.supervisor) as supervisor:
        pipeline = _Pipeline(deployed, supervisor)
        missing: list[str] = []
        for together in pipeline.in_order():
            missing_before = list(missing)
            for component in together:
                state = pipeline.settled(component)
                if _fine(component, state):
                    said.append(f"{component.name}: {'done' if component.step else 'runs'}")
                elif state.state in _STOPPED:
                    missing.append(component.name)
                    said.append(f"{component.name}: stopped by an operator, not started")
                elif missing_before:
                    missing.append(component.name)
                    said.append(f"{component.name}: waits for {', '.join(missing_before)}")
                else:
                    tries = pipeline.revive(component)
                    said.append(f"{component.name}: had ended, started again (try {tries})")
        return _told(said)


def _answers(deployed: Deployment) -> list[str]:
    """Looks whether those answer that are not controlled; a line for each."""
    said = []
    for server in sorted(deployed.components, key=attrgetter("order")):
        if not server.controlled:
            host, port = server.address.rsplit(":", 1)
            try:
                socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS).close()
            except OSError as error:
                raise AirflowException(
                    f"{server.name} does not answer at {server.address} ({error}); it is not Airflow's"
                    " to start: ask its operator."
                ) from error
            said.append(f"{server.name}: answers at {server.address}, not controlled by Airflow")
    return said


@dataclass(frozen=True)
class _Pipeline:
    """The components and the supervisord that runs them."""

    deployed: Deployment
    supervisor: Supervisor

    def in_order(self) -> list[list[Component]]:
        """The components that Airflow controls, those that may start together in one list."""
        order = attrgetter("order")
        controlled = sorted((each for each in self.deployed.components if each.controlled), key=order)
        return [list(together) for _, together in itertools.groupby(controlled, key=order)]

    def revive(self, component: Component) -> int:
        """Starts what was given up, again only where that can help; the number of tries that it took."""
        for tried in range(1, TRIES + 1):
            _LOG.warning("%s has ended for good: starting it, try %d", component.name, tried)
            self.supervisor.start(component.name)
            state = self.settled(component)
            if _fine(component, state):
                return tried
            result = self.result_of(component, state)
            if result and not result.retryable:
                break
        raise self.given_up(component, state)

    def settled(self, component: Component) -> State:
        """Its state once supervisord is no more at starting it, and it works."""
        deadline = time.monotonic() + SETTLING_LIMIT_SECONDS
        while True:
            state = self.supervisor.state(component.name)
            if not self._is_moving(component, state):
                return state
            if time.monotonic() > deadline:
                raise AirflowException(
                    f"{component.name} is not at work after {SETTLING_LIMIT_SECONDS} s"
                    f" ({state.state}); {self.last_words(component)}"
                )
            time.sleep(0.5)

    def _is_moving(self, component: Component, state: State) -> bool:
        if state.state != _RUNNING:
            return state.state in _ON_THE_WAY
        if component.name == SPEED_LAYER:
            # for supervisord it runs after some seconds; a refusal may come later
            status = speed_layer_status.read(self.deployed.speed_layer_status)
            return status is None or status.updated.timestamp() < state.started
        return component.step

    def given_up(self, component: Component, state: State) -> AirflowException:
        # of what it has given up, supervisord no longer knows the status
        status = f", status {state.exit_status}" if state.state == "EXITED" else ""
        result = self.result_of(component, state)
        said = f"it says: {result.message}" if result else self.last_words(component)
        return AirflowFailException(f"{component.name} does not run ({state.state}{status}); {said}")

    def result_of(self, component: Component, state: State) -> Result | None:
        """What the component left when it ended last; None of one that leaves nothing."""
        if component.name != SPEED_LAYER:
            return None
        return results.read_since(self.deployed.speed_layer_result, state.started)

    def last_words(self, component: Component) -> str:
        return f"its last message: {last_message(self.supervisor.last_lines(component.name))}"


def _fine(component: Component, state: State) -> bool:
    if component.step:
        return state.state == "EXITED" and state.exit_status == 0
    return state.state == _RUNNING


def _told(lines: list[str]) -> list[str]:
    for line in lines:
        _LOG.info(line)
    return lines
