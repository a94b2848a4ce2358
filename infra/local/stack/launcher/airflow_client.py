"""A client of Airflow's REST API, for the demo and the tests."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any, Callable

from .failures import ExitStatus, Failure

INTERVAL_SECONDS = 0.5
LOG_LINES = 15
END_STATES = frozenset(("success", "failed", "skipped", "upstream_failed", "removed"))


@dataclass(frozen=True)
class Task:
    """A task instance of a run. The state is None before Airflow has scheduled it."""

    name: str
    state: str | None
    attempt: int
    seconds: float


class AirflowClient:
    """A client of one Airflow, logged in as a user.

    :param dag_timeout_seconds: how long to wait until Airflow has found a DAG
    """

    def __init__(self, url: str, user: str, password: str, dag_timeout_seconds: float) -> None:
        self._url = url
        self._login = {"username": user, "password": password}
        self._dag_timeout_seconds = dag_timeout_seconds
        self._token: str | None = None

    def unpause(self, dag: str) -> None:
        """Waits until Airflow has found the DAG, and unpauses it."""
        deadline = time.monotonic() + self._dag_timeout_seconds
        while True:
            status, answer = self.ask("PATCH", f"/dags/{dag}", {"is_paused": False})
            if status == 200:
                return
            if status != 404:
                raise self._failure(f"to unpause {dag}", status, answer)
            errors = self.call("GET", "/importErrors")["import_errors"]
            if errors:
                raise Failure(
                    f"Airflow cannot import {errors[0]['filename']}:\n{errors[0]['stack_trace'].strip()}"
                )
            if time.monotonic() > deadline:
                raise Failure(
                    f"Airflow at {self._url} has not found the DAG {dag} within"
                    f" {self._dag_timeout_seconds} s: see ./foldlog logs airflow-dag-processor.",
                    ExitStatus.UNAVAILABLE,
                )
            time.sleep(INTERVAL_SECONDS)

    def trigger(self, dag: str, run: str, params: dict[str, Any]) -> None:
        body = {"dag_run_id": run, "logical_date": None, "conf": params}
        self.call("POST", f"/dags/{dag}/dagRuns", body)

    def follow(self, dag: str, run: str, show: Callable[[list[Task]], None]) -> None:
        """Shows the tasks until the run ends; raises Failure with the last log lines of a failed task."""
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run)}"
        while True:
            state = self.call("GET", path)["state"]
            tasks = self._tasks(path)
            show(tasks)
            if state == "success":
                return
            if state == "failed":
                failed = [task for task in tasks if task.state == "failed"]
                raise Failure(
                    f"The run {run} of {dag} failed"
                    + (f" in {failed[0].name}:\n{self._last_log_lines(path, failed[0])}" if failed else "."),
                    ExitStatus.INTERNAL_ERROR,
                )
            time.sleep(INTERVAL_SECONDS)

    def result(self, dag: str, run: str, task: str) -> Any:
        """The result (XCom return value) of the task."""
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/{task}"
        return self.call("GET", f"{path}/xcomEntries/return_value?deserialize=true")["value"]

    def _tasks(self, run_path: str) -> list[Task]:
        listed = self.call("GET", f"{run_path}/taskInstances?limit=100")["task_instances"]
        return [
            Task(task["task_id"], task["state"], task["try_number"], task["duration"] or 0)
            for task in sorted(listed, key=lambda task: task["start_date"] or "9")
        ]

    def _last_log_lines(self, run_path: str, task: Task) -> str:
        path = f"{run_path}/taskInstances/{task.name}/logs/{task.attempt}?full_content=true"
        log = self.call("GET", path)
        lines = [
            str(line.get("event", "")) if isinstance(line, dict) else str(line)
            for line in log.get("content", [])
        ]
        # the failure line of the DAGs (foldlog_airflow.failures) contains the reason
        failure_lines = [line for line in lines if line.startswith("FAILED ")]
        return "\n".join(failure_lines[-1:] or lines[-LOG_LINES:])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request; returns the document of the response, raises Failure unless the status is 2xx."""
        status, answer = self.ask(method, path, body)
        if not 200 <= status < 300:
            raise self._failure(f"{method} {path}", status, answer)
        return answer

    def _failure(self, what: str, status: int, answer: Any) -> Failure:
        detail = answer.get("detail", answer) if isinstance(answer, dict) else answer
        return Failure(f"Airflow at {self._url} answered {what} with {status}: {detail}")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Sends a request to a path below /api/v2; returns HTTP status and document of the response."""
        if self._token is None:
            self._token = self._log_in()
        status, answer = self._send(method, f"/api/v2{path}", body)
        if status == 401:
            self._token = self._log_in()
            status, answer = self._send(method, f"/api/v2{path}", body)
        return status, answer

    def _log_in(self) -> str:
        status, answer = self._send("POST", "/auth/token", self._login)
        if status != 201:
            raise self._failure(f"the login of {self._login['username']}", status, answer)
        return str(answer["access_token"])

    def _send(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self._url).netloc, timeout=60)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            answer = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise Failure(
                f"Airflow at {self._url} does not answer ({error}): see ./foldlog logs"
                " airflow-api-server.",
                ExitStatus.UNAVAILABLE,
            ) from error
        finally:
            connection.close()
        try:
            return response.status, json.loads(answer)
        except ValueError:
            return response.status, answer
