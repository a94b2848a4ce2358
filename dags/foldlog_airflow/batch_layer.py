"""Runs a step of the batch layer by spark-submit as a task."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any, Iterator, Sequence

from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import BaseXCom, Context
from airflow.sdk.exceptions import AirflowFailException

from . import deployment, task_failure, processes, results
from .applications import LAST_LINES


class BatchLayerHook(SparkSubmitHook):
    """spark-submit whose process ends with the task, and whose last output lines are kept."""

    def __init__(self, *, working_directory: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._working_directory = working_directory
        self.output_lines: deque[str] = deque(maxlen=LAST_LINES)

    @property
    def returncode(self) -> int | None:
        """Exit status of spark-submit; None until it has ended."""
        return self._submit_sp.returncode if self._submit_sp else None

    def submit(self, application: str = "", **kwargs: Any) -> str | None:
        return super().submit(application, **processes.options(self._working_directory), **kwargs)

    def _process_spark_submit_log(self, itr: Iterator[Any]) -> None:
        super()._process_spark_submit_log(self._keep_lines(itr))

    def _keep_lines(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.output_lines.append(line.rstrip())
            yield line

    def on_kill(self) -> None:
        if self._submit_sp is not None:
            processes.end(self._submit_sp)
        super().on_kill()


class BatchLayerOperator(SparkSubmitOperator):
    """Runs a step of the batch layer. The task's result is the step's result file without its lists,
    also after a failure.

    Airflow may retry the task after the exit statuses 6, 130 and 143 and after a kill. Any other
    status fails the task at once, with the application's message. Repaired drift is a success.

    :param step: archive, fold, reconcile, maintain or nightly
    :param arguments: arguments of the step; blank ones are dropped (templated)
    """

    template_fields: Sequence[str] = ("arguments",)

    def __init__(self, *, step: str, arguments: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.arguments = list(arguments)

    def execute(self, context: Context) -> dict[str, Any]:
        deployed = deployment.load()
        with results.result_file(deployed, "batch-layer") as file:
            return self._run(context, deployed, file)

    def _run(
        self, context: Context, deployed: deployment.Deployment, file: Path
    ) -> dict[str, Any]:
        layer = deployed.batch_layer
        hook = BatchLayerHook(
            working_directory=deployed.working_directory,
            conn_id=self._conn_id,
            name=f"foldlog batch {self.step}",
            java_class=layer.main_class,
            driver_memory=layer.driver_memory,
            conf={**layer.conf, "spark.driver.extraJavaOptions": layer.driver_java_options},
            application_args=[
                self.step,
                *(argument for argument in self.arguments if argument.strip()),
                "--result",
                str(file),
            ],
        )
        self._hook = hook
        self.application = layer.jar
        try:
            super().execute(context)
        except Exception as error:
            if not hook.returncode:
                raise
            result = results.read(file)
            if result and result.result:
                context["ti"].xcom_push(BaseXCom.XCOM_RETURN_KEY, without_lists(result.result))
            raise task_failure.failure(
                f"foldlog batch {self.step}", hook.returncode, hook.output_lines, result
            ) from error
        return self._report(file)

    def _report(self, file: Path) -> dict[str, Any]:
        result = results.read(file)
        if result is None:
            raise AirflowFailException(f"batch-layer {self.step} wrote no result file {file}.")
        report = without_lists(result.result or {})
        for section, counters in report.items():
            if isinstance(counters, dict):
                self.log.info("%s %s", section, json.dumps(counters))
        return report


def without_lists(report: dict[str, Any]) -> dict[str, Any]:
    """The report without its lists: they contain user ids and stay in the report file."""
    return {
        name: without_lists(value) if isinstance(value, dict) else value
        for name, value in report.items()
        if not isinstance(value, list)
    }
