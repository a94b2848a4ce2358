"""supervisord: its configuration, its start and stop, and its interface on a unix socket."""

import contextlib
import hashlib
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

from foldlog_airflow.parent_death import end_with_parent
from foldlog_airflow.supervisor import State, Supervisor, SupervisorAddress, SupervisorError, connection

from . import private
from .config import StackConfig
from .failures import ExitStatus, Failure
from .programs import Program
from .repository import PYTHON_PATH, ROOT, tool

# the user of Airflow's tasks on the network interface
USER = "airflow"


# supervisord replaces it by the folder of its configuration file. In a path, it would read % and " #".
HERE = "%(here)s"


def configuration(config: StackConfig, programs: list[Program]) -> str:
    """The text of supervisord.conf. Its working directory is the checkout."""
    logs = _logs(config)
    sections = [
        f"""[unix_http_server]
file={HERE}/{config.socket.name}
chmod=0600

{_network(config)}[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisord.log
logfile_maxbytes={config.log_file_bytes}
logfile_backups={config.log_files}
pidfile={HERE}/supervisord.pid
minfds=1024
"""
    ]
    sections.extend(_program(config, program) for program in programs)
    return "\n".join(sections)


def _logs(config: StackConfig) -> str:
    return f"{HERE}/{os.path.relpath(config.logs, config.socket.parent)}"


def password_file(config: StackConfig) -> Path:
    return config.secrets / "supervisor.password"


def _network(config: StackConfig) -> str:
    """The section of the network interface, if it is enabled. It contains only a digest of the password."""
    if config.supervisor.port == 0:
        return ""
    digest = hashlib.sha1(private.secret(password_file(config)).encode()).hexdigest()
    return f"""[inet_http_server]
port={config.bind_address}:{config.supervisor.port}
username={USER}
password={{SHA}}{digest}

"""


def _program(config: StackConfig, program: Program) -> str:
    restart = "false" if program.step else "unexpected"
    final = ",".join(str(int(status)) for status in program.final_statuses)
    variables = {
        # glibc's default number of arenas costs about 10 MB in each process
        "MALLOC_ARENA_MAX": "2",
        **program.environment,
        "PYTHONPATH": PYTHON_PATH,
    }
    # not by the option `environment`, whose values cannot contain quotes; supervisord expands stdout_logfile twice
    command = ["env", *(f"{name}={value}" for name, value in variables.items()), *program.command]
    return f"""[program:{program.name}]
command={_escaped(shlex.join(command))}
priority={program.order}
autostart={str(program.autostart).lower()}
autorestart={restart}
exitcodes={"0" if program.step else final}
startsecs={0 if program.step else program.settles_in_seconds}
startretries={program.start_retries}
stopsignal={program.stop_signal.name.removeprefix("SIG")}
stopwaitsecs={config.shutdown_timeout_seconds + 15}
killasgroup=true
redirect_stderr=true
stdout_logfile=%{_logs(config)}/{program.name}.log
stdout_logfile_maxbytes={config.log_file_bytes}
stdout_logfile_backups={config.log_files}
"""


def _escaped(command: str) -> str:
    """A command line of the shell as a value in supervisord.conf, where % and a comment after a space have a meaning.

    The shell's quoted space and # or ; become two quoted parts.
    """
    return command.replace("%", "%%").replace(" #", " ''#").replace(" ;", " '';")


def start(config: StackConfig, programs: list[Program], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts supervisord in a new session. It ends with this process."""
    run = config.state / "run"
    run.mkdir(parents=True, exist_ok=True)
    config.logs.mkdir(parents=True, exist_ok=True)
    if len(os.fsencode(config.socket)) > 100:
        raise Failure(
            f"The path {config.socket} is longer than a unix socket's may be (100 bytes): set"
            " stack.root to a shorter folder."
        )
    file = write(config, programs)
    with open(config.logs / "supervisord.out", "ab") as output:
        return subprocess.Popen(
            [str(tool("supervisor", "supervisord")), "-n", "-c", str(file)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )


def write(config: StackConfig, programs: list[Program]) -> Path:
    """Writes the configuration file of supervisord with mode 600."""
    config.logs.mkdir(parents=True, exist_ok=True)
    return private.write(
        config.state / "run" / "supervisord.conf", configuration(config, programs)
    )


def connected(config: StackConfig) -> contextlib.AbstractContextManager[Supervisor]:
    """A connection to the running supervisord through its socket."""
    return connection(SupervisorAddress(f"unix://{config.socket}"))


def is_running(config: StackConfig) -> bool:
    try:
        with connected(config) as supervisor:
            return supervisor.is_up()
    except SupervisorError:
        return False


def states(config: StackConfig) -> list[State]:
    with connected(config) as supervisor:
        return supervisor.states()


def ended_programs(config: StackConfig, programs: list[Program]) -> list[State]:
    """Programs that have ended and are not restarted, except steps that have succeeded."""
    steps = {program.name for program in programs if program.step}
    return [
        state
        for state in states(config)
        if state.state in ("EXITED", "FATAL", "UNKNOWN")
        and not (state.name in steps and state.state == "EXITED" and state.exit_status == 0)
    ]


def shut_down(config: StackConfig, timeout_seconds: float) -> None:
    """Requests the end of supervisord and all programs, and waits for it."""
    with contextlib.suppress(SupervisorError), connected(config) as supervisor:
        supervisor.shut_down()
    deadline = time.monotonic() + timeout_seconds
    while is_running(config):
        if time.monotonic() > deadline:
            raise Failure(
                f"supervisord did not end within {timeout_seconds:.0f} s; see {config.logs}.",
                ExitStatus.UNAVAILABLE,
            )
        time.sleep(0.2)


def log_tail(config: StackConfig, program: str, lines: int = 15) -> str:
    file = config.logs / f"{program}.log"
    if not file.is_file():
        return ""
    with open(file, "rb") as log:
        log.seek(max(0, file.stat().st_size - 64 * 1024))
        text = log.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-lines:])
