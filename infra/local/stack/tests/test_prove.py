import datetime
import tempfile
import unittest
from pathlib import Path

from launcher.prove import FULL_SIZES, PROGRESS, Run, command, read_results, read_sections, report

SUITE = """<testsuite name="io.foldlog.scenarios.CrashMatrixIT" time="61.5" tests="1">
  <testcase name="shouldKeepThePromise">{}</testcase></testsuite>"""


def run(passed: bool) -> Run:
    started = datetime.datetime(2026, 1, 31, 12, 5, tzinfo=datetime.timezone.utc)
    return Run("abc", passed, 7, {"kills": 30, "records": 100_000}, started, 90.0, passed)


class ProveTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_should_join_the_sections_under_a_head(self) -> None:
        (self.folder / "30-live.md").write_text("## Live\n\n- 4 rounds\n")
        (self.folder / "20-crashes.md").write_text("## Crashes\n\n- 1. kafka killed\n")
        (self.folder / "TEST-a.xml").write_text(SUITE.format(""))
        text = report(run(passed=True), read_results(self.folder), read_sections(self.folder))
        self.assertIn("| verdict | every scenario kept the promise", text)
        self.assertIn("| date | 2026-01-31 12:05 UTC |\n| commit | abc |\n| seed | 7 |", text)
        self.assertIn("| sizes | kills 30, records 100,000 |\n| took | 1.5 minutes |", text)
        self.assertIn("| CrashMatrixIT | 1 | 62 | passed |", text)
        self.assertTrue(text.endswith("## Crashes\n\n- 1. kafka killed\n\n## Live\n\n- 4 rounds\n"))

    def test_should_say_which_test_failed_and_why(self) -> None:
        failure = '<failure message="user 1: ROW_MISSING&#10;second line" type="x">trace</failure>'
        (self.folder / "TEST-a.xml").write_text(SUITE.format(failure))
        text = report(run(passed=False), read_results(self.folder), [])
        self.assertIn("| verdict | **not proved**: CrashMatrixIT |", text)
        self.assertIn("| commit | abc, and changes that are not committed |", text)
        self.assertIn("`CrashMatrixIT` failed, shouldKeepThePromise: user 1: ROW_MISSING\n", text)
        self.assertNotIn("second line", text)

    def test_should_say_that_nothing_ran(self) -> None:
        self.assertIn("the tests did not run to their end", report(run(passed=False), [], []))

    def test_should_hand_seed_and_sizes_to_the_tests(self) -> None:
        arguments = command("mvn -o", 7, FULL_SIZES)
        self.assertEqual(arguments[:2], ["mvn", "-o"])
        self.assertIn("-Dfoldlog.seed=7", arguments)
        self.assertIn("-Dfoldlog.live-seconds=600", arguments)

    def test_should_show_what_the_tests_say_and_not_what_maven_does(self) -> None:
        shown = ["proof: seed 7", "fault 1 of 5: kafka killed", "[INFO] Running a.B", "[ERROR] x"]
        self.assertTrue(all(PROGRESS.match(line) for line in shown))
        self.assertFalse(PROGRESS.match("[INFO] --- compiler:3.13.0:compile (default-compile)"))


if __name__ == "__main__":
    unittest.main()
