"""An orderly shutdown on SIGINT, SIGTERM and SIGHUP."""

import contextlib
import signal
from types import FrameType
from typing import Iterator

from .failures import ExitStatus

# maximum delay of a signal that arrives just before a blocking call
WAKE_SECONDS = 1.0


class Stopped(Exception):
    """A signal requested the end of this command."""

    def __init__(self, status: ExitStatus) -> None:
        super().__init__(status.name)
        self.status = status


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raises Stopped at the first signal, and ignores later signals."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _: FrameType | None) -> None:
        for handled in signals:
            signal.signal(handled, signal.SIG_IGN)
        interrupted = number == signal.SIGINT
        raise Stopped(ExitStatus.INTERRUPTED if interrupted else ExitStatus.TERMINATED)

    def wake(*_: int | FrameType | None) -> None:
        """Interrupts a blocking call, which continues unless a signal is pending."""

    previous = {number: signal.signal(number, stop) for number in signals}
    previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, WAKE_SECONDS, WAKE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)
