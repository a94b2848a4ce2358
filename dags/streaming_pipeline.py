"""
### The long-running components: start, stop, restart, check

`action` starts, stops or restarts Kafka, Cassandra, provisioning and the speed layer, in the order of
their dependencies. Without `action` the run checks their health, as the scheduled runs do (setting
`stack.airflow.health-schedule`).

The components are programs of supervisord, never children of a task. supervisord restarts a program
that ends, with back-off. The health run starts only components that supervisord no longer restarts. It
makes three attempts at most and then fails with the component's last message. A component that an
operator stopped stays stopped. External servers (`kafka.external`, `cassandra.external`) are checked
and never started or stopped. The same applies to servers in containers, which the engine's restart
policy restarts. The run also fails if the speed layer's lag has grown at four checks in a row. It logs
the records that an open transaction holds back, and does not fail because of them.

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

    @task.run_if(action_is("stop", "restart"), skip_message="runs for action=stop and action=restart only")
    @task(execution_timeout=timedelta(minutes=10))
    def stop() -> list[str]:
        return components.stop(deployment.load())

    @task.run_if(action_is("start", "restart"), skip_message="runs for action=start and action=restart only")
    @task(execution_timeout=timedelta(minutes=15), trigger_rule=TriggerRule.NONE_FAILED)
    def start() -> list[str]:
        return components.start(deployment.load())

    @task.run_if(action_is("health", "start", "restart"), skip_message="not run for action=stop")
    # no retries: the next scheduled run checks again
    @task(execution_timeout=timedelta(minutes=20), trigger_rule=TriggerRule.NONE_FAILED, retries=0)
    def check_health() -> list[str]:
        return components.check_health(deployment.load())

    @task.run_if(action_is("health"), skip_message="runs for action=health only")
    @task(execution_timeout=timedelta(minutes=1), retries=0)
    def check_lag() -> int | None:
        return lag.check(deployment.load())

    chain(stop(), start(), check_health(), check_lag())
