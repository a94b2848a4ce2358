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
    """Runs an application to its end; what it writes as its result (`--result`) is the task's.

    Its exit status decides: 6, 130, 143 and a kill may be tried again, any other fails at once with
    the application's message.

    :param application: its name in the deployment file
    :param arguments: to append to its command line (templated)
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
        printed: deque[str] = deque(maxlen=LAST_LINES)
        said: deque[str] = deque(maxlen=LAST_LINES)
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
            logs = threading.Thread(target=_follow, args=(process.stderr, said, self.log.info))
            logs.start()
            try:
                _follow(process.stdout, printed, self.log.info)
            except BaseException:
                # such as the task's time limit; Popen would wait for the application's own end
                processes.end(process)
                raise
            logs.join()
        result = results.read(file)
        if process.returncode != 0:
            raise task_failure.failure(self.application, process.returncode, said or printed, result)
        return result.result if result else None

    def on_kill(self) -> None:
        if self._process is not None:
            processes.end(self._process)


def _follow(stream: IO[str], last: deque[str], log: Callable[[str], None]) -> None:
    for line in stream:
        text = line.rstrip()
        if text:
            last.append(text)
            log(text)
