"""
### Records user events in the log

check the servers → provision the topic → register the schemas → produce → verify. Schemas are
registered if the setting `schema-registry.url` names a registry. `verify` updates the asset
`users_created`. Runs every hour (setting `stack.airflow.ingestion-schedule`).

The run records `count` events at its start and after every `interval` seconds, for `duration` seconds.
The seed is the run id, and the as-of instant is the run's `run_after`. So a retried task records the
same events, which changes nothing. `verify` checks that the log holds every acknowledged event between
its end offsets before the run and its end offsets now. Other clients may write at the same time.

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
            description="synthetic: generated, offline. randomuser: the API.",
        ),
        "count": Param(
            10,
            type="integer",
            minimum=1,
            maximum=5000,
            description="events per batch; also the number of users per request to the API",
        ),
        "interval": Param(
            10, type="number", minimum=0.1, maximum=3600, description="seconds between two batches"
        ),
        "duration": Param(
            60, type="integer", minimum=1, maximum=21600, description="total seconds"
        ),
    },
    user_defined_macros={
        "total_events": ingestion.total_events,
        "ack_journal_file": ingestion.ack_journal_file,
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
            "--ack-journal={{ ack_journal_file(dag_run.run_id) }}",
        ],
        execution_timeout=timedelta(hours=7),
    )

    verify = ApplicationOperator(
        task_id="verify",
        application="producer",
        arguments=["verify-acks", "{{ ack_journal_file(dag_run.run_id) }}"],
        execution_timeout=timedelta(minutes=30),
        outlets=[LOG],
    )

    check_servers() >> provision >> register_schemas >> produce >> verify
