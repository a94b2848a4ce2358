"""An orderly end on SIGINT, SIGTERM and SIGHUP."""

import contextlib
import signal
from types import FrameType
from typing import Iterator

from .failures import ExitStatus


class Stopped(Exception):
    """A signal asked this command to end."""

    def __init__(self, status: ExitStatus) -> None:
        super().__init__(status.name)
        self.status = status


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turns the first signal into Stopped; later ones wait for the orderly end."""
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _: FrameType | None) -> None:
        for other in watched:
            signal.signal(other, signal.SIG_IGN)
        interrupted = number == signal.SIGINT
        raise Stopped(ExitStatus.INTERRUPTED if interrupted else ExitStatus.TERMINATED)

    before = {number: signal.signal(number, stop) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
