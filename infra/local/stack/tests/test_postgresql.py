"""A real PostgreSQL under a real supervisord, queried with Airflow's driver."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Iterator

from launcher import postgresql, stack, supervision
from launcher.programs import Program, orchestration
from launcher.repository import tool
from tests.configs import ODD_NAME, config_in
from tests.test_supervision import eventually

QUERY = """
import sys, psycopg2
port, user = sys.argv[1:]
connection = psycopg2.connect(
    host="127.0.0.1", port=port, user=user, dbname="airflow", password=sys.stdin.read()
)
with connection, connection.cursor() as cursor:
    cursor.execute("create table if not exists kept as select 1")
    cursor.execute(
        "select current_setting('listen_addresses'), usesuper from pg_user where usename = user"
    )
    print(*cursor.fetchone())
"""


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextlib.contextmanager
def path_without_unshare(folder: Path) -> Iterator[None]:
    """Simulates a machine without user namespaces: the PATH has no unshare."""
    original = os.environ["PATH"]
    commands = folder / "commands"
    commands.mkdir()
    for command in ("setpriv", "env"):
        found = shutil.which(command)
        assert found, command
        (commands / command).symlink_to(found)
    os.environ["PATH"] = str(commands)
    postgresql.has_namespaces.cache_clear()
    try:
        yield
    finally:
        os.environ["PATH"] = original
        postgresql.has_namespaces.cache_clear()


class PostgresqlTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # in test_should_run_without_namespaces, another user must read the folder
        os.chmod(folder.name, 0o755)
        self.folder = Path(folder.name) / ODD_NAME
        self.folder.mkdir()
        self.config = config_in(self.folder, postgresql_port=free_port())

    def query(
        self, password: str, user: str = postgresql.USER
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(tool("airflow", "python")), "-c", QUERY, str(self.config.postgresql.port), user],
            input=password,
            capture_output=True,
            text=True,
            check=False,
        )

    def server(self) -> Program:
        return next(p for p in orchestration(self.config) if p.name == "postgresql")

    def test_should_accept_only_the_role_with_its_password_and_keep_its_data(self) -> None:
        for _ in range(2):
            postgresql.prepare(self.config)
            self.assertFalse(postgresql.is_ready(self.config))
            with stack.supervised(self.config, [self.server()], os.environ):
                self.assertTrue(eventually(lambda: postgresql.is_ready(self.config)))
                secret = postgresql.password(self.config)
                result = self.query(secret)
                self.assertEqual(result.stdout, "127.0.0.1 False\n", result.stderr)
                self.assertIn("password authentication failed", self.query("wrong").stderr)
                self.assertIn("no pg_hba.conf entry", self.query(secret, "postgres").stderr)
                self.assertEqual(postgresql.folder(self.config).stat().st_mode & 0o777, 0o700)
            # orderly shutdown, not killed
            self.assertIn("database system is shut down", supervision.log_tail(self.config, "postgresql"))

    def test_should_end_when_supervisord_is_killed(self) -> None:
        postgresql.prepare(self.config)
        with stack.supervised(self.config, [self.server()], os.environ) as running:
            self.assertTrue(eventually(lambda: postgresql.is_ready(self.config)))
            running.supervisord.kill()
            self.assertTrue(eventually(lambda: not postgresql.is_ready(self.config)))

    def test_should_create_the_database_after_an_interrupted_initialisation(self) -> None:
        remains = self.config.state / "postgresql.new"
        remains.mkdir(parents=True)
        (remains / "PG_VERSION").write_text("17")
        postgresql.prepare(self.config)
        self.assertFalse(remains.exists())
        self.assertTrue((postgresql.folder(self.config) / "pg_hba.conf").exists())

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_should_run_without_namespaces(self) -> None:
        with path_without_unshare(self.folder):
            postgresql.prepare(self.config)
            with stack.supervised(self.config, [self.server()], os.environ):
                self.assertTrue(eventually(lambda: postgresql.is_ready(self.config)))
                result = self.query(postgresql.password(self.config))
                self.assertEqual(result.stdout, "127.0.0.1 False\n", result.stderr)
                self.assertNotEqual(postgresql.folder(self.config).stat().st_uid, 0)


if __name__ == "__main__":
    unittest.main()
