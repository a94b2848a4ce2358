"""supervisord, which runs the pipeline's components, by its own interface."""

from __future__ import annotations

import contextlib
import http.client
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from airflow.sdk.exceptions import AirflowException
from supervisor.xmlrpc import Faults, SupervisorTransport

from .deployment import SupervisorAddress

_TAIL_BYTES = 16 * 1024
_NO_ANSWER = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


@dataclass(frozen=True)
class State:
    """A program as supervisord sees it."""

    name: str
    state: str
    exit_status: int
    started: int
    """in seconds since 1970"""


class Supervisor:
    """The running supervisord; a call that it does not answer may be tried again by Airflow."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy

    def state(self, name: str) -> State:
        info = self._call("getProcessInfo", name)
        return State(
            name=name,
            state=info["statename"],
            exit_status=info["exitstatus"],
            started=info["start"],
        )

    def start(self, name: str) -> None:
        """Has it started, and does not wait; nothing happens to one that is started."""
        # SPAWN_ERROR: it has ended already; whether it is tried again, its state says
        self._call("startProcess", name, False, expected=(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR))

    def stop(self, name: str) -> None:
        """Stops it and waits for its end; nothing happens to one that has ended."""
        self._call("stopProcess", name, True, expected=(Faults.NOT_RUNNING,))

    def last_lines(self, name: str) -> list[str]:
        """The end of what it wrote; empty when it wrote nothing."""
        tail = self._call(
            "tailProcessStdoutLog", name, 0, _TAIL_BYTES, expected=(Faults.NO_FILE,)
        )
        return tail[0].splitlines() if tail else []

    def _call(self, method: str, *arguments: Any, expected: tuple[int, ...] = ()) -> Any:
        try:
            return getattr(self._proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in expected:
                return None
            raise AirflowException(
                f"supervisord refused {method} {arguments[0]}: {fault.faultString}."
            ) from fault


@contextlib.contextmanager
def connection(address: SupervisorAddress) -> Iterator[Supervisor]:
    """The supervisord at the address.

    :raises AirflowException: when it does not answer
    """
    password = Path(address.password_file).read_text().strip() if address.password_file else None
    transport = SupervisorTransport(address.user or None, password, serverurl=address.url)
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
    try:
        yield Supervisor(proxy)
    except _NO_ANSWER as error:
        raise AirflowException(
            f"supervisord does not answer at {address.url} ({error}): see whether the stack is up."
        ) from error
    finally:
        proxy("close")()
