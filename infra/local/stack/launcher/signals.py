"""An orderly end on SIGINT, SIGTERM and SIGHUP."""

import contextlib
import signal
from types import FrameType
from typing import Iterator

from .failures import ExitStatus

# how long a signal may go unseen that came between two instructions, just before a call that blocks
WAKE_SECONDS = 1.0


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

    def wake(*_: int | FrameType | None) -> None:
        """A call that blocks is interrupted, and goes on when no signal was waiting."""

    before = {number: signal.signal(number, stop) for number in watched}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, WAKE_SECONDS, WAKE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
