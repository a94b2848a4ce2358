"""A client of the XML-RPC interface of supervisord, which runs the long-running components."""

from __future__ import annotations

import contextlib
import http.client
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

from supervisor.xmlrpc import Faults, SupervisorTransport

_TAIL_BYTES = 16 * 1024
_CONNECTION_ERRORS = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


class SupervisorError(Exception):
    """supervisord does not answer or rejects a call. A retry may help."""


@dataclass(frozen=True)
class SupervisorAddress:
    """The URL of supervisord's interface. An HTTP URL needs a login; a unix socket needs none."""

    url: str
    user: str = ""
    password_file: str = ""


@dataclass(frozen=True)
class State:
    """The state of a program in supervisord.

    :param state: supervisord's name of the state, such as RUNNING or FATAL
    :param started: in seconds since 1970
    :param description: supervisord's text, such as uptime or the reason of a failure
    """

    name: str
    state: str
    exit_status: int
    started: int
    description: str
    pid: int


class Supervisor:
    """The running supervisord. Each method raises SupervisorError if supervisord rejects the call."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy

    def states(self) -> list[State]:
        return [_state(info) for info in self._call("getAllProcessInfo")]

    def state(self, name: str) -> State:
        return _state(self._call("getProcessInfo", name))

    def start(self, name: str) -> None:
        """Starts the program without waiting; does nothing if it runs already."""
        # SPAWN_ERROR: it has ended already; its state shows whether supervisord starts it again
        self._call("startProcess", name, False, expected=(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR))

    def stop(self, name: str) -> None:
        """Stops the program and waits for its end; does nothing if it has ended."""
        self._call("stopProcess", name, True, expected=(Faults.NOT_RUNNING,))

    def shut_down(self) -> None:
        """Asks supervisord to end all programs and itself, without waiting."""
        self._call("shutdown", expected=(Faults.SHUTDOWN_STATE,))

    def is_up(self) -> bool:
        """Always true, also during the shutdown; raises SupervisorError if supervisord does not answer."""
        self._call("getState", expected=(Faults.SHUTDOWN_STATE,))
        return True

    def last_lines(self, name: str) -> list[str]:
        """The last lines of the program's output."""
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
            raise SupervisorError(
                f"supervisord refused {method} {' '.join(map(str, arguments))}: {fault.faultString}."
            ) from fault


def _state(info: Mapping[str, Any]) -> State:
    return State(
        name=info["name"],
        state=info["statename"],
        exit_status=info["exitstatus"],
        started=info["start"],
        description=info["description"],
        pid=info["pid"],
    )


@contextlib.contextmanager
def connection(address: SupervisorAddress) -> Iterator[Supervisor]:
    """A connection to the supervisord at the address.

    :raises SupervisorError: when supervisord does not answer
    """
    password = Path(address.password_file).read_text().strip() if address.password_file else None
    transport = SupervisorTransport(address.user or None, password, serverurl=address.url)
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
    try:
        yield Supervisor(proxy)
    except _CONNECTION_ERRORS as error:
        raise SupervisorError(
            f"supervisord does not answer at {address.url} ({error}): check that the stack is up."
        ) from error
    finally:
        proxy("close")()
