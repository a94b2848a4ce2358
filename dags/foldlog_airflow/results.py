"""The result file of an application (`--result`): what it says of itself at its end."""

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
    """The document of `--result`.

    :param message: the sentence that a person saw on standard error; empty for none
    :param retryable: whether the same run may succeed when it is started again
    :param result: the figures of the application; None of one that has none
    """

    message: str
    retryable: bool
    result: Any


@contextlib.contextmanager
def result_file(deployed: Deployment, application: str) -> Iterator[Path]:
    """A file of its own for one run of an application, which is removed afterwards.

    Files of tasks that were killed stay for 30 days, among the reports.
    """
    file = folder_of(deployed.reports, "results") / f"{application}-{uuid.uuid4().hex}.json"
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def read(file: Path) -> Result | None:
    """What the application wrote; None when it wrote nothing, because it was killed."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Result(document["message"], document["retryable"], document.get("result"))


def read_since(file: Path, since: float) -> Result | None:
    """What it left at its end; None when it has not ended since then, or was killed.

    :param since: when it was started, in seconds since 1970
    """
    try:
        written = file.stat().st_mtime
    except FileNotFoundError:
        return None
    return read(file) if written >= since else None
