"""A real supervisord with small programs in place of the servers."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Callable

from launcher import stack, supervision
from launcher.failures import Failure
from launcher.programs import PROVISION, Program, guarded
from tests.configs import ODD_NAME, config_in

SLEEPER = Program("sleeper", 10, guarded(["sleep", "600"]), settles_in_seconds=0)

# starts the stack as the launcher does, prints a line, and waits to be killed
LAUNCHER = """
import sys, time
from pathlib import Path
from launcher import stack
from tests.configs import config_in
from tests.test_supervision import SLEEPER
with stack.supervised(config_in(Path(sys.argv[1])), [SLEEPER], __import__("os").environ):
    print("up", flush=True)
    time.sleep(600)
"""


def eventually(condition: Callable[[], bool], timeout_seconds: float = 20) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text()


def command_of(pid: int) -> str:
    return subprocess.check_output(["ps", "-o", "args=", "-p", str(pid)], text=True)


class SupervisionTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / ODD_NAME
        self.folder.mkdir()
        self.config = config_in(self.folder)

    def sleeper(self) -> int:
        self.assertTrue(
            eventually(lambda: any(s.state == "RUNNING" for s in supervision.states(self.config)))
        )
        pid = supervision.states(self.config)[0].pid
        self.assertTrue(eventually(lambda: command_of(pid).startswith("sleep ")))
        return pid

    def test_should_end_all_programs_with_the_block(self) -> None:
        with stack.supervised(self.config, [SLEEPER], os.environ):
            pid = self.sleeper()
            self.assertTrue(is_running(pid))
            self.assertEqual(self.config.socket.stat().st_mode & 0o777, 0o600)
        self.assertFalse(is_running(pid))
        self.assertFalse(supervision.is_running(self.config))

    def test_should_end_all_programs_when_the_block_fails(self) -> None:
        with self.assertRaises(ValueError):
            with stack.supervised(self.config, [SLEEPER], os.environ):
                pid = self.sleeper()
                raise ValueError
        self.assertFalse(is_running(pid))

    def test_should_raise_when_another_process_stops_the_stack(self) -> None:
        with self.assertRaises(stack.Ended):
            with stack.supervised(self.config, [SLEEPER], os.environ) as running:
                pid = self.sleeper()
                supervision.shut_down(self.config, 20)
                self.assertFalse(is_running(pid))
                running.supervisord.wait(20)
                running.check()

    @unittest.skipUnless(sys.platform.startswith("linux"), "needs PR_SET_PDEATHSIG")
    def test_should_end_all_programs_when_the_launcher_is_killed(self) -> None:
        launcher = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(self.folder)], stdout=subprocess.PIPE, text=True
        )
        assert launcher.stdout is not None
        self.assertEqual(launcher.stdout.readline(), "up\n")
        pid = self.sleeper()
        supervisord = int((self.config.state / "run" / "supervisord.pid").read_text())
        launcher.send_signal(signal.SIGKILL)
        launcher.wait()
        launcher.stdout.close()
        self.assertTrue(eventually(lambda: not is_running(pid) and not is_running(supervisord)))

    @unittest.skipUnless(sys.platform.startswith("linux"), "needs PR_SET_PDEATHSIG")
    def test_should_end_programs_when_supervisord_is_killed(self) -> None:
        with stack.supervised(self.config, [SLEEPER], os.environ) as running:
            pid = self.sleeper()
            running.supervisord.kill()
            self.assertTrue(eventually(lambda: not is_running(pid)))

    def test_should_report_the_last_output_of_an_ended_program(self) -> None:
        failing = Program(
            "failing",
            10,
            [sys.executable, "-c", "print('The message.'); raise SystemExit(2)"],
            settles_in_seconds=0,
        )
        with stack.supervised(self.config, [failing], os.environ) as running:
            self.assertTrue(eventually(lambda: supervision.ended_programs(self.config, [failing]) != []))
            with self.assertRaises(Failure) as failed:
                running.check()
        self.assertEqual(failed.exception.status, 2)
        self.assertIn("failing ended (EXITED, status 2)", str(failed.exception))
        self.assertIn("The message.", str(failed.exception))

    def test_should_distinguish_a_refusal_of_provisioning_from_the_end_of_a_server(self) -> None:
        for name, expected in ((PROVISION, stack.Refusal), ("kafka", Failure)):
            ending = Program(
                name, 10, [sys.executable, "-c", "raise SystemExit(2)"], step=True, settles_in_seconds=0
            )
            with stack.supervised(self.config, [ending], os.environ) as running:
                self.assertTrue(
                    eventually(lambda: supervision.ended_programs(self.config, [ending]) != [])
                )
                with self.assertRaises(Failure) as failed:
                    running.await_ready(self.fail)
            self.assertIs(type(failed.exception), expected)

    def test_should_accept_a_step_that_has_succeeded(self) -> None:
        done = Program("done", 10, [sys.executable, "-c", ""], step=True)
        with stack.supervised(self.config, [done], os.environ) as running:
            self.assertTrue(
                eventually(lambda: supervision.states(self.config)[0].state == "EXITED")
            )
            running.check()

    def test_should_pass_arguments_and_environment_unchanged(self) -> None:
        file = self.folder / "seen"
        script = "import json, os, sys; json.dump([sys.argv[2:], os.environ['ODD']], open(sys.argv[1], 'w'))"
        odd = [ODD_NAME, 'a "quoted" \\ text', "$HOME ; #"]
        command = [sys.executable, "-c", script, str(file), *odd]
        program = Program("odd", 10, command, step=True, environment={"ODD": "".join(odd)})
        with stack.supervised(self.config, [program], os.environ):
            self.assertTrue(eventually(lambda: supervision.states(self.config)[0].state == "EXITED"))
        self.assertEqual(json.loads(file.read_text(encoding="utf-8")), [odd, "".join(odd)])

    def test_should_restart_a_program_with_a_retryable_status(self) -> None:
        count = self.folder / "count"
        script = f"open({str(count)!r}, 'a').write('x'); raise SystemExit(6)"
        flaky = Program("flaky", 10, [sys.executable, "-c", script], settles_in_seconds=0)
        with stack.supervised(self.config, [flaky], os.environ):
            self.assertTrue(eventually(lambda: count.exists() and len(count.read_text()) > 1))

    def test_should_reject_a_second_start(self) -> None:
        with stack.exclusive(self.config):
            self.assertTrue(stack.is_up(self.config))
            with self.assertRaisesRegex(Failure, "is running already, started by process"):
                with stack.exclusive(self.config):
                    self.fail("started twice")
            with self.assertRaisesRegex(Failure, "take it down first"):
                stack.reset(self.config)
        self.assertFalse(stack.is_up(self.config))

    def test_should_reset_all_state_and_keep_logs(self) -> None:
        for name in ("kafka", "cassandra", "lake", "secrets"):
            (self.config.state / name).mkdir(parents=True)
        self.config.logs.mkdir()
        self.assertEqual(len(stack.reset(self.config)), 4)
        self.assertEqual(list(self.config.state.iterdir()), [])
        self.assertTrue(self.config.logs.exists())

    def test_should_reject_a_socket_path_that_is_too_long(self) -> None:
        deep = config_in(self.folder / ("x" * 120))
        with self.assertRaisesRegex(Failure, "stack.root"):
            supervision.start(deep, [SLEEPER], dict(os.environ))


# starts a child in another session that ignores SIGTERM; the parent ends after the given seconds
STUBBORN = """
import os, signal, sys, time
ready, is_ready = os.pipe()
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), flush=True)
    os.write(is_ready, b"1")
    time.sleep(600)
os.read(ready, 1)
time.sleep(float(sys.argv[1]))
raise SystemExit(6)
"""


@unittest.skipUnless(sys.platform.startswith("linux"), "needs /proc")
class TreeTest(unittest.TestCase):
    def start(self, seconds: float) -> tuple["subprocess.Popen[str]", int]:
        command = guarded([sys.executable, "-c", STUBBORN, str(seconds)], "--tree", "1")
        guard = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert guard.stdout is not None
        self.addCleanup(guard.stdout.close)
        return guard, int(guard.stdout.readline())

    def test_should_end_orphans_of_the_program(self) -> None:
        guard, child = self.start(0)
        self.assertEqual(guard.wait(20), 6)
        self.assertFalse(is_running(child))

    def test_should_end_all_descendants_on_sigterm(self) -> None:
        guard, child = self.start(600)
        self.assertTrue(is_running(child))
        guard.terminate()
        self.assertEqual(guard.wait(20), 143)
        self.assertFalse(is_running(child))

    def test_should_run_again_after_the_status(self) -> None:
        for status, run_count in ((7, 2), (2, 1)):
            with self.subTest(status=status):
                script = f"print('run', flush=True); raise SystemExit({status})"
                command = guarded([sys.executable, "-c", script], "--tree", "1", "--again-after", "7")
                ended = subprocess.run(command, capture_output=True, text=True, check=False)
                self.assertEqual(ended.returncode, status)
                self.assertEqual(ended.stdout, "run\n" * run_count)

    def test_should_end_all_descendants_when_supervisord_is_killed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            config = config_in(Path(folder))
            # a file, because a command in supervisord's configuration must be one line
            stubborn = Path(folder) / "stubborn.py"
            stubborn.write_text(STUBBORN)
            command = guarded([sys.executable, str(stubborn), "600"], "--tree", "1")
            program = Program("tree", 10, command, settles_in_seconds=0)
            with stack.supervised(config, [program], os.environ) as running:
                self.assertTrue(eventually(lambda: supervision.log_tail(config, "tree") != ""))
                child = int(supervision.log_tail(config, "tree"))
                running.supervisord.kill()
                self.assertTrue(eventually(lambda: not is_running(child)))


class GuardedTest(unittest.TestCase):
    def test_should_run_the_command_when_the_file_exists(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            command = guarded(["echo", "ran"])
            command[3:3] = ["--after", file.name]
            self.assertEqual(subprocess.check_output(command, text=True), "ran\n")

    def test_should_fail_when_the_file_does_not_exist_in_time(self) -> None:
        command = guarded(["echo", "ran"])
        command[3:3] = ["--after", "/nowhere/provision.done", "--limit", "0"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 6)
        self.assertIn("./foldlog logs provision", result.stderr)


if __name__ == "__main__":
    unittest.main()
