"""The result file of an application (`--result`)."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from .deployment import Deployment
from .run_files import folder_of


@dataclass(frozen=True)
class Result:
    """The document of a result file.

    :param message: the message that the application printed to standard error; empty for none
    :param retryable: whether the same run may succeed when it is started again
    :param result: the application's typed result; None if it has none
    """

    message: str
    retryable: bool
    result: Any


@contextlib.contextmanager
def result_file(deployed: Deployment, application: str) -> Iterator[Path]:
    """A dedicated file for one run of an application, which is removed at the end of the block.

    Files of killed tasks stay in the reports folder for 30 days.
    """
    file = folder_of(deployed.reports, "results") / f"{application}-{uuid.uuid4().hex}.json"
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def read(file: Path) -> Result | None:
    """The application's result; None if there is no file, as after a kill."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Result(document["message"], document["retryable"], document.get("result"))


def read_since(file: Path, since: float) -> Result | None:
    """The application's result; None if the file is older than `since`, or missing.

    :param since: start of the application, in seconds since 1970
    """
    try:
        modified = file.stat().st_mtime
    except FileNotFoundError:
        return None
    return read(file) if modified >= since else None
