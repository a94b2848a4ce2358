import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from launcher.descendants import _tree
from launcher.failures import Failure
from launcher.prove import (
    FULL_SIZES,
    PROGRESS,
    Progress,
    Result,
    Run,
    command,
    durations,
    fault_tier,
    store_durations,
    read_results,
    read_sections,
    report,
    resumed,
)
from launcher.repository import PYTHON_PATH

SUITE = """<testsuite name="io.foldlog.testing.faults.CrashMatrixIT" time="61.5" tests="1">
  <testcase name="shouldKeepThePromise">{}</testcase></testsuite>"""

TIER = {"CrashMatrixIT": "infra/testing/faults", "ConditionalObjectsIT": "batch-layer"}


def run(passed: bool) -> Run:
    started = "2026-01-31 12:05 UTC"
    return Run("abc", passed, 7, {"kills": 30, "records": 100_000}, started, 1, 90.0, passed)

# a run in which Maven starts a process in another session, prints a line and does not end
INTERRUPTED = """
import sys
from pathlib import Path
from launcher import prove
prove.OUTPUT, prove.RECORD = Path(sys.argv[1], "log"), Path(sys.argv[1], "record")
prove.spark_environment = lambda: {}
server = "import subprocess, sys; subprocess.Popen(['sleep', '100'], start_new_session=True)"
maven = f"{server}; print('proof: begun', flush=True); import time; time.sleep(100)"
run = prove.Run("abc", True, 7, {}, "2026-01-31 12:05 UTC")
try:
    prove._run(run, [sys.executable, "-c", maven], prove.Progress([], {}))
except prove.Stopped as stopped:
    sys.exit(int(stopped.status))
"""


class ProveTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_should_report_head_results_and_sections(self) -> None:
        (self.folder / "30-live.md").write_text("## Live\n\n- 4 rounds\n")
        (self.folder / "20-crashes.md").write_text("## Crashes\n\n- 1. kafka killed\n")
        (self.folder / "TEST-a.xml").write_text(SUITE.format(""))
        text = report(run(passed=True), read_results(self.folder), read_sections(self.folder))
        self.assertIn("| result | every scenario kept the promise", text)
        self.assertIn("| date | 2026-01-31 12:05 UTC |\n| commit | abc |\n| seed | 7 |", text)
        self.assertIn("| sizes | kills 30, records 100,000 |\n| took | 1.5 minutes |", text)
        self.assertIn("| CrashMatrixIT | 1 | 62 | passed |", text)
        self.assertTrue(text.endswith("## Crashes\n\n- 1. kafka killed\n\n## Live\n\n- 4 rounds\n"))

    def test_should_report_failed_tests_with_their_messages(self) -> None:
        failure = '<failure message="user 1: ROW_MISSING&#10;second line" type="x">trace</failure>'
        (self.folder / "TEST-a.xml").write_text(SUITE.format(failure))
        text = report(run(passed=False), read_results(self.folder), [])
        self.assertIn("| result | **not proved**: CrashMatrixIT |", text)
        self.assertIn("| commit | abc, and changes that are not committed |", text)
        self.assertIn("`CrashMatrixIT` failed, shouldKeepThePromise: user 1: ROW_MISSING\n", text)
        self.assertNotIn("second line", text)

    def test_should_report_a_run_without_results_as_not_proved(self) -> None:
        self.assertIn("the tests did not run to their end", report(run(passed=False), [], []))

    @unittest.skipUnless(sys.platform.startswith("linux"), "/proc and subreapers are Linux's")
    def test_should_end_all_processes_after_a_signal(self) -> None:
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number.name):
                process = subprocess.Popen(
                    [sys.executable, "-c", INTERRUPTED, str(self.folder)],
                    env={**os.environ, "PYTHONPATH": PYTHON_PATH},
                    stdout=subprocess.PIPE,
                    text=True,
                )
                assert process.stdout is not None
                self.assertIn("proof: begun", process.stdout.readline())
                descendants = [pid for pid, _, _, _ in _tree(process.pid)]
                self.assertEqual(len(descendants), 2)
                process.send_signal(number)
                process.communicate(timeout=60)
                self.assertEqual(process.returncode, status)
                self.assertEqual([pid for pid in descendants if Path(f"/proc/{pid}").exists()], [])

    def test_should_pass_seed_and_sizes_to_the_fault_tier(self) -> None:
        arguments = command("mvn -o", 7, FULL_SIZES, [], TIER)
        self.assertEqual(arguments[:2], ["mvn", "-o"])
        for argument in ("-Dfoldlog.seed=7", "-Dfoldlog.live-seconds=600", "-Dit.test=*IT"):
            self.assertIn(argument, arguments)
        for argument in ("-Dit.groups=fault|sized", "-Dit.excluded.groups=none", "batch-layer,infra/testing/faults"):
            self.assertIn(argument, arguments)

    def test_should_exclude_classes_that_have_passed(self) -> None:
        self.assertIn(
            "-Dit.test=*IT,!CrashMatrixIT", command("mvn", 7, FULL_SIZES, ["CrashMatrixIT"], TIER)
        )

    def test_should_find_the_fault_tier_by_its_tag(self) -> None:
        package = self.folder / "infra/testing/scenarios/src/test/java/io"
        package.mkdir(parents=True)
        (package / "CrashMatrixIT.java").write_text('@Tag("fault")\nclass CrashMatrixIT {}')
        (package / "StoriesIT.java").write_text("class StoriesIT {}")
        (package / "HostileInputIT.java").write_text('@Tag("sized")\nclass HostileInputIT {}')
        self.assertEqual(
            fault_tier(self.folder),
            {"CrashMatrixIT": "infra/testing/scenarios", "HostileInputIT": "infra/testing/scenarios"},
        )

    def test_should_estimate_the_remaining_time(self) -> None:
        progress = Progress(["CrashMatrixIT", "OverloadIT"], {"CrashMatrixIT": 100, "OverloadIT": 50})
        self.assertEqual(progress.remaining_seconds(0), 150)
        progress.add_line("[INFO] Running io.foldlog.testing.faults.CrashMatrixIT", 10)
        self.assertEqual(progress.remaining_seconds(40), 120)
        # the class takes longer than its last duration
        self.assertEqual(progress.remaining_seconds(400), 50)
        ended = "[INFO] Tests run: 1, Failures: 0, Time elapsed: 400 s -- in io.foldlog.testing.faults.CrashMatrixIT"
        progress.add_line(ended, 410)
        self.assertEqual(progress.remaining_seconds(410), 50)

    def test_should_store_durations_of_passed_classes(self) -> None:
        file = self.folder / "durations.json"
        typical = durations(file, full=False)["CrashMatrixIT"]
        failed = Result("OverloadIT", 1, 1.0, ["should: failed"])
        store_durations(file, False, [Result("CrashMatrixIT", 1, typical + 7, []), failed])
        self.assertEqual(durations(file, full=False)["CrashMatrixIT"], typical + 7)
        self.assertNotEqual(durations(file, full=False)["OverloadIT"], 1.0)
        self.assertNotEqual(durations(file, full=True)["CrashMatrixIT"], typical + 7)

    def test_should_resume_only_an_interrupted_run_of_the_same_code(self) -> None:
        record = self.folder / "prove.json"
        with self.assertRaisesRegex(Failure, "No run of make prove was interrupted"):
            resumed(record, "abc", clean=True, results=[])
        record.write_text('{"commit":')
        with self.assertRaisesRegex(Failure, "cannot be read .*begin again"):
            resumed(record, "abc", clean=True, results=[])
        interrupted = run(passed=True)
        record.write_text(json.dumps(dataclasses.asdict(interrupted)))
        self.assertEqual(
            resumed(record, "abc", clean=True, results=[]),
            dataclasses.replace(interrupted, sessions=2),
        )
        for commit, clean in (("def", True), ("abc", False)):
            with self.assertRaisesRegex(Failure, "begin again"):
                resumed(record, commit, clean, results=[])
        failed = Result("CrashMatrixIT", 1, 2.0, ["should: user 1"])
        with self.assertRaisesRegex(Failure, "failed: CrashMatrixIT"):
            resumed(record, "abc", clean=True, results=[failed])

    def test_should_report_the_number_of_sessions(self) -> None:
        text = report(dataclasses.replace(run(passed=True), sessions=2), [], [])
        self.assertIn("| took | 1.5 minutes, in 2 sessions |", text)

    def test_should_show_progress_of_tests_but_not_of_maven(self) -> None:
        shown = ["proof: seed 7", "fault 1 of 5: kafka killed", "[INFO] Running a.B", "[ERROR] x"]
        self.assertTrue(all(PROGRESS.match(line) for line in shown))
        self.assertFalse(PROGRESS.match("[INFO] --- compiler:3.13.0:compile (default-compile)"))


if __name__ == "__main__":
    unittest.main()
