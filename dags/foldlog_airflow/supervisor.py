"""supervisord, which runs the long-running components: a client of its XML-RPC interface."""

from __future__ import annotations

import contextlib
import http.client
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

from supervisor.xmlrpc import Faults, SupervisorTransport

_TAIL_BYTES = 16 * 1024
_NO_ANSWER = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


class SupervisorError(Exception):
    """supervisord does not answer, or refuses a call; a retry may help."""


@dataclass(frozen=True)
class SupervisorAddress:
    """Where supervisord's interface is; over HTTP with a login."""

    url: str
    user: str = ""
    password_file: str = ""


@dataclass(frozen=True)
class State:
    """A program as supervisord sees it.

    :param state: supervisord's name, such as RUNNING or FATAL
    :param started: seconds since 1970
    :param description: supervisord's own text, such as uptime or the reason of a failure
    """

    name: str
    state: str
    exit_status: int
    started: int
    description: str
    pid: int


class Supervisor:
    """The running supervisord; each method raises SupervisorError when a call is refused."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy

    def states(self) -> list[State]:
        return [_state(info) for info in self._call("getAllProcessInfo")]

    def state(self, name: str) -> State:
        return _state(self._call("getProcessInfo", name))

    def start(self, name: str) -> None:
        """Starts it without waiting; does nothing when it is started already."""
        # SPAWN_ERROR: it has ended already; its state tells whether supervisord starts it again
        self._call("startProcess", name, False, expected=(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR))

    def stop(self, name: str) -> None:
        """Stops it and waits for its end; does nothing when it has ended."""
        self._call("stopProcess", name, True, expected=(Faults.NOT_RUNNING,))

    def shut_down(self) -> None:
        """Asks supervisord to end all programs and itself; does not wait."""
        self._call("shutdown", expected=(Faults.SHUTDOWN_STATE,))

    def is_up(self) -> bool:
        """True, also while it shuts down."""
        self._call("getState", expected=(Faults.SHUTDOWN_STATE,))
        return True

    def last_lines(self, name: str) -> list[str]:
        """The end of its output; empty when there is none."""
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
    """The supervisord at the address.

    :raises SupervisorError: when it does not answer
    """
    password = Path(address.password_file).read_text().strip() if address.password_file else None
    transport = SupervisorTransport(address.user or None, password, serverurl=address.url)
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
    try:
        yield Supervisor(proxy)
    except _NO_ANSWER as error:
        raise SupervisorError(
            f"supervisord does not answer at {address.url} ({error}): check that the stack is up."
        ) from error
    finally:
        proxy("close")()
