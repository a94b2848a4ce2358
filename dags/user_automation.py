"""
### Users' events into the log

check the servers → provision the topic → register the schemas, where the setting
`schema-registry.url` names a registry → produce → verify, and the asset `users_created` is
updated. Every hour (setting `stack.airflow.ingestion-schedule`).

The run records `count` events, again after every `interval` seconds, for `duration` seconds. Its
seed is the run's id and the time of its events is the run's `run_after`, so a task that is
retried records the same events, which changes nothing. `verify` looks for every event that the
log has acknowledged, between the log's end before the run and its end now; others may write at the
same time.

What to do when a run fails: docs/operations.md.
"""

from datetime import timedelta

from airflow.sdk import DAG, Param, task

from foldlog_airflow import components, deployment, ingestion
from foldlog_airflow.applications import ApplicationOperator
from foldlog_airflow.dag_rules import DEFAULT_ARGUMENTS, INGESTION_SCHEDULE, LOG, at
from foldlog_airflow.failures import report_silent_failure

with DAG(
    dag_id="user_automation",
    schedule=at(INGESTION_SCHEDULE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGUMENTS,
    on_failure_callback=report_silent_failure,
    tags=["ingestion"],
    doc_md=__doc__,
    params={
        "source": Param(
            "synthetic",
            enum=["synthetic", "randomuser"],
            description="synthetic: made up, offline. randomuser: the API.",
        ),
        "count": Param(
            10,
            type="integer",
            minimum=1,
            maximum=5000,
            description="events each time; one request to the API asks for so many users",
        ),
        "interval": Param(
            10, type="number", minimum=0.1, maximum=3600, description="seconds between"
        ),
        "duration": Param(
            60, type="integer", minimum=1, maximum=21600, description="seconds altogether"
        ),
    },
    user_defined_macros={
        "total_events": ingestion.total_events,
        "acknowledged_file": ingestion.acknowledged_file,
    },
) as dag:

    @task(execution_timeout=timedelta(minutes=2))
    def check_servers() -> list[str]:
        return components.require_servers(deployment.load())

    provision = ApplicationOperator(
        task_id="provision",
        application="provision",
        execution_timeout=timedelta(minutes=10),
    )

    register_schemas = ApplicationOperator(
        task_id="register_schemas",
        application="producer",
        arguments=["register-schemas"],
        execution_timeout=timedelta(minutes=5),
    )

    produce = ApplicationOperator(
        task_id="produce",
        application="producer",
        arguments=[
            "--source={{ params.source }}",
            "--batch={{ params.count }}",
            "--interval={{ (params.interval * 1000) | round | int }}ms",
            "--count={{ total_events(params) }}",
            "--seed={{ dag_run.run_id }}",
            "--as-of={{ dag_run.run_after.isoformat() }}",
            "--ack-journal={{ acknowledged_file(dag_run.run_id) }}",
        ],
        execution_timeout=timedelta(hours=7),
    )

    verify = ApplicationOperator(
        task_id="verify",
        application="producer",
        arguments=["verify-acks", "{{ acknowledged_file(dag_run.run_id) }}"],
        execution_timeout=timedelta(minutes=30),
        outlets=[LOG],
    )

    check_servers() >> provision >> register_schemas >> produce >> verify
