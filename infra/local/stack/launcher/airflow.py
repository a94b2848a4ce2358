"""Settings, secrets, environment and health of Airflow."""

from __future__ import annotations

import configparser
import http.client
import io
import json
import os
import secrets
from pathlib import Path

from . import postgresql, private
from .airflow_client import AirflowClient
from .config import StackConfig
from .environment import LOCAL_HOSTS, without_proxy
from .repository import DAGS, TOOLS, spark_environment, tool
from .submission import batch_submission

MIGRATION = "airflow-migrate"

# role by user name
USERS = {"admin": "admin", "viewer": "viewer"}


def home(config: StackConfig) -> Path:
    return config.state / "airflow"


def address(config: StackConfig) -> str:
    return f"http://{config.airflow.server.host}:{config.airflow.server.port}"


def passwords_file(config: StackConfig) -> Path:
    return config.secrets / "airflow-passwords.json"


def passwords(config: StackConfig) -> dict[str, str]:
    """Passwords by user. The first call generates them."""
    file = passwords_file(config)
    if not file.is_file():
        private.write(file, json.dumps({user: secrets.token_urlsafe(18) for user in USERS}) + "\n")
    by_user: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return by_user


def client(config: StackConfig, user: str = "admin") -> AirflowClient:
    """A client of the REST API, logged in as a user."""
    return AirflowClient(address(config), user, passwords(config)[user], 2 * config.startup_timeout_seconds)


def prepare(config: StackConfig) -> None:
    """Writes airflow.cfg, which contains the secrets, and generates missing secrets."""
    passwords(config)
    private.write(home(config) / "airflow.cfg", configuration(config))


def configuration(config: StackConfig) -> str:
    """The text of airflow.cfg: the options that differ from Airflow's defaults."""
    database = (
        f"{postgresql.USER}:{postgresql.password(config)}"
        f"@{config.postgresql.host}:{config.postgresql.port}/{postgresql.DATABASE}"
    )
    logs = config.logs / "airflow"
    sections = {
        "core": {
            "dags_folder": DAGS,
            "executor": "LocalExecutor",
            "parallelism": 4,
            "load_examples": False,
            "execution_api_server_url": f"{address(config)}/execution/",
            # Airflow requires the base64 padding
            "fernet_key": private.secret(config.secrets / "airflow-fernet.key") + "=",
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "simple_auth_manager_passwords_file": passwords_file(config),
        },
        "database": {"sql_alchemy_conn": f"postgresql+psycopg2://{database}"},
        "api": {
            "host": config.bind_address,
            "port": config.airflow.server.port,
            "workers": 1,
            "base_url": address(config),
            "secret_key": private.secret(config.secrets / "airflow-api.secret"),
        },
        "api_auth": {"jwt_secret": private.secret(config.secrets / "airflow-jwt.secret", 64)},
        # a task without a process is retried after 1 minute; the default is 5 minutes
        "scheduler": {"task_instance_heartbeat_timeout": 60},
        "dag_processor": {"refresh_interval": 10, "parsing_processes": 1},
        "logging": {
            "base_log_folder": logs,
            "dag_processor_child_process_log_directory": logs / "dag_processor",
        },
    }
    parser = configparser.RawConfigParser()
    for section, options in sections.items():
        # Airflow's parser reads % as the start of an interpolation
        parser[section] = {name: str(value).replace("%", "%%") for name, value in options.items()}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def environment(config: StackConfig) -> dict[str, str]:
    """Environment variables of Airflow's programs and tasks, in addition to the launcher's environment."""
    settings = config.airflow
    no_proxy = without_proxy(os.environ, *LOCAL_HOSTS, config.airflow.server.host)
    return {
        "AIRFLOW_HOME": str(home(config)),
        # Airflow's tasks call the API server, by a client that uses the proxies of the environment
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "PATH": os.pathsep.join((str(TOOLS / "spark" / "bin"), os.environ["PATH"])),
        **spark_environment(config.host),
        "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(
            {
                "conn_type": "spark",
                "host": batch_submission(config).master,
                "extra": {"deploy-mode": "client"},
            }
        ),
        "PIPELINE_DEPLOYMENT": str(config.deployment),
        "PIPELINE_INGESTION_SCHEDULE": settings.ingestion_schedule,
        "PIPELINE_NIGHTLY_SCHEDULE": settings.nightly_schedule,
        "PIPELINE_HEALTH_SCHEDULE": settings.health_schedule,
        "PIPELINE_RETRY_DELAY_SECONDS": str(settings.retry_delay_seconds),
        "PIPELINE_RECONCILE_AFTER_INGESTION": str(settings.reconcile_after_ingestion).lower(),
    }


def command(config: StackConfig, *arguments: str) -> list[str]:
    """The command line of Airflow with its environment, which contains no secret."""
    variables = [f"{name}={value}" for name, value in environment(config).items()]
    # tasks must not import the launcher's packages; Airflow finds the DAGs' package in the DAG folder
    return ["env", "-u", "PYTHONPATH", *variables, str(tool("airflow", "airflow")), *arguments]


def problem(config: StackConfig) -> str | None:
    """The component that is not healthy; None if all are healthy."""
    connection = http.client.HTTPConnection(config.airflow.server.host, config.airflow.server.port, timeout=5)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        health = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"the API server does not answer ({type(error).__name__})"
    finally:
        connection.close()
    for part in ("metadatabase", "scheduler", "dag_processor"):
        if health.get(part, {}).get("status") != "healthy":
            return f"the {part.replace('_', ' ')} is not healthy"
    return None
