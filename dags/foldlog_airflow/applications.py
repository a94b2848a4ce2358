"""Runs an application of the deployment as a task."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from pathlib import Path
from typing import IO, Any, Callable, Sequence

from airflow.sdk import BaseOperator, Context

from . import deployment, task_failure, processes, results

LAST_LINES = 200


class ApplicationOperator(BaseOperator):
    """Runs an application to its end. The task's result is the result of its result file (`--result`).

    Airflow may retry the task after the exit statuses 6, 130 and 143 and after a kill. Any other
    status fails the task at once, with the application's message.

    :param application: name of the application in the deployment file
    :param arguments: appended to the application's command line (templated)
    """

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#e8f0f8"

    def __init__(self, *, application: str, arguments: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.application = application
        self.arguments = list(arguments)
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> Any:
        deployed = deployment.load()
        command = [*deployed.application(self.application), *self.arguments]
        self.log.info("%s %s", self.application, " ".join(self.arguments))
        with results.result_file(deployed, self.application) as file:
            return self._run([*command, "--result", str(file)], deployed, file)

    def _run(self, command: list[str], deployed: deployment.Deployment, file: Path) -> Any:
        output_lines: deque[str] = deque(maxlen=LAST_LINES)
        error_lines: deque[str] = deque(maxlen=LAST_LINES)
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            **processes.options(deployed.working_directory),
        ) as process:
            self._process = process
            assert process.stdout is not None and process.stderr is not None
            error_reader = threading.Thread(
                target=_follow, args=(process.stderr, error_lines, self.log.info)
            )
            error_reader.start()
            try:
                _follow(process.stdout, output_lines, self.log.info)
            except BaseException:
                # for example the task's timeout: Popen would wait until the application ends by itself
                processes.end(process)
                raise
            error_reader.join()
        result = results.read(file)
        if process.returncode != 0:
            raise task_failure.failure(
                self.application, process.returncode, error_lines or output_lines, result
            )
        return result.result if result else None

    def on_kill(self) -> None:
        if self._process is not None:
            processes.end(self._process)


def _follow(stream: IO[str], last_lines: deque[str], log: Callable[[str], None]) -> None:
    for line in stream:
        text = line.rstrip()
        if text:
            last_lines.append(text)
            log(text)
