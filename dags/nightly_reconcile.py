"""
### Reconciles the view with the log

archive → fold → reconcile → maintain → publish. The first four tasks are runs of the batch layer by
spark-submit. `publish` writes the results of all steps to a report file and returns them as its result.

`maintain` runs after every `reconcile`, also after a failed one, if `fold` succeeded. `publish` always runs.
`all_succeeded` makes the run fail when any step has failed.

Runs every night (setting `stack.airflow.nightly-schedule`). With the setting
`stack.airflow.reconcile-after-ingestion` it also runs after every run of `user_automation`. Repaired
drift is a success: the report has the counts. You can clear a failed step and run it again alone.

What to do when a run fails: docs/operations.md.
"""

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AssetOrTimeSchedule, Context, Param, TriggerRule, chain, task

from foldlog_airflow import reports
from foldlog_airflow.batch_layer import BatchLayerOperator
from foldlog_airflow.dag_rules import (
    DEFAULT_ARGUMENTS,
    LOG,
    NIGHTLY_SCHEDULE,
    RECONCILE_AFTER_INGESTION,
    at,
)
from foldlog_airflow.failures import report_silent_failure

NIGHTLY = at(NIGHTLY_SCHEDULE)

with DAG(
    dag_id="nightly_reconcile",
    schedule=(
        AssetOrTimeSchedule(timetable=NIGHTLY, assets=[LOG])
        if RECONCILE_AFTER_INGESTION
        else NIGHTLY
    ),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGUMENTS,
    on_failure_callback=report_silent_failure,
    tags=["batch-layer"],
    doc_md=__doc__,
    params={
        "scope": Param(
            "changed",
            enum=["changed", "full"],
            description="changed: users with new events since the last reconcile, and one token range. full: all users.",
        ),
        "dry_run": Param(
            False, type="boolean", description="reconcile reports differences and writes nothing"
        ),
        "overwrite_future": Param(
            False,
            type="boolean",
            description="reconcile also repairs cells that are written in the future",
        ),
        "destructive_limit": Param(
            None,
            type=["null", "integer"],
            minimum=0,
            maximum=1_000_000_000,
            description="users whose cells may be overwritten or removed, at most; none: 100, or 1 % of all",
        ),
    },
) as dag:
    archive = BatchLayerOperator(
        task_id="archive", step="archive", execution_timeout=timedelta(hours=2)
    )

    fold = BatchLayerOperator(task_id="fold", step="fold", execution_timeout=timedelta(hours=2))

    reconcile = BatchLayerOperator(
        task_id="reconcile",
        step="reconcile",
        arguments=[
            "--scope={{ params.scope }}",
            "{{ '--dry-run' if params.dry_run else '' }}",
            "{{ '--overwrite-future' if params.overwrite_future else '' }}",
            "{{ '' if params.destructive_limit is none"
            " else '--destructive-limit=%d' % params.destructive_limit }}",
        ],
        execution_timeout=timedelta(hours=4),
    )

    maintain = BatchLayerOperator(
        task_id="maintain",
        step="maintain",
        # after fold and reconcile, of which fold has succeeded whenever reconcile has run
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        execution_timeout=timedelta(hours=2),
    )

    @task(execution_timeout=timedelta(minutes=2), retries=0, trigger_rule=TriggerRule.ALL_DONE)
    def publish(**context: Context) -> dict:
        steps = [step.task_id for step in (archive, fold, reconcile, maintain)]
        results = dict(zip(steps, context["ti"].xcom_pull(task_ids=steps)))
        return reports.publish(context["run_id"], results)

    published = publish()

    # Airflow takes the state of a run from its last tasks, and publish succeeds after a failed step
    all_succeeded = EmptyOperator(
        task_id="all_succeeded", execution_timeout=timedelta(minutes=2), retries=0
    )

    chain(archive, fold, reconcile, maintain, published)
    fold >> maintain
    [archive, fold, reconcile, maintain, published] >> all_succeeded
