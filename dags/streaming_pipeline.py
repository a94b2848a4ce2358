"""
### The long-running components: start, stop, restart, check

`action` says what to do with Kafka, Cassandra, provisioning and the speed layer, in the order in
which they need one another; without it the run checks their health, as the scheduled runs do (setting
`stack.airflow.health-schedule`).

The components are programs of supervisord, never children of a task: it restarts what dies, with
back-off. The health run starts only what supervisord has given up on, three times at most, and then
fails with the component's last message. A component that an operator stopped stays stopped. Servers that
others run (`kafka.external`, `cassandra.external`; in containers, where the engine's restart
policy owns them) are checked, never started or stopped. The run also fails when the
speed layer's lag has grown over four checks in a row.

What to do when a run fails: docs/operations.md.
"""

from datetime import timedelta
from typing import Callable

from airflow.sdk import DAG, Context, Param, TriggerRule, chain, task

from foldlog_airflow import components, deployment, lag
from foldlog_airflow.dag_rules import DEFAULT_ARGUMENTS, HEALTH_SCHEDULE, at
from foldlog_airflow.failures import report_silent_failure


def action_is(*actions: str) -> Callable[[Context], bool]:
    return lambda context: context["params"]["action"] in actions


with DAG(
    dag_id="streaming_pipeline",
    schedule=at(HEALTH_SCHEDULE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGUMENTS,
    on_failure_callback=report_silent_failure,
    tags=["speed-layer"],
    doc_md=__doc__,
    params={
        "action": Param("health", enum=["health", "start", "stop", "restart"]),
    },
) as dag:

    @task.run_if(action_is("stop", "restart"), skip_message="nothing is to be stopped")
    @task(execution_timeout=timedelta(minutes=10))
    def stop() -> list[str]:
        return components.stop(deployment.load())

    @task.run_if(action_is("start", "restart"), skip_message="nothing is to be started")
    @task(execution_timeout=timedelta(minutes=15), trigger_rule=TriggerRule.NONE_FAILED)
    def start() -> list[str]:
        return components.start(deployment.load())

    @task.run_if(action_is("health", "start", "restart"), skip_message="not run for action=stop")
    # the next run comes soon and looks anew
    @task(execution_timeout=timedelta(minutes=20), trigger_rule=TriggerRule.NONE_FAILED, retries=0)
    def check_health() -> list[str]:
        return components.check_health(deployment.load())

    @task.run_if(action_is("health"), skip_message="runs for action=health only")
    @task(execution_timeout=timedelta(minutes=1), retries=0)
    def check_lag() -> int | None:
        return lag.check(deployment.load())

    chain(stop(), start(), check_health(), check_lag())
