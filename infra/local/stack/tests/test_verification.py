import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from launcher.descendants import CASSANDRA, KAFKA, SPARK, Descendants, kind_of
from launcher.failures import Failure
from launcher.repository import ROOT
from launcher.results import ClassResult, java_results, pytest_results
from launcher.verification import (
    REQUIRED_MODULES,
    Outcome,
    class_arguments,
    java_tests,
    only_parts,
    spark_contexts,
    summary,
)

SUREFIRE = """<testsuite name="io.foldlog.a.SomeIT" time="1,261.5" tests="3">
  <testcase name="shouldPass" classname="io.foldlog.a.SomeIT" time="1"/>
  <testcase name="shouldFail" classname="io.foldlog.a.SomeIT" time="2"><failure/></testcase>
  <testcase name="shouldSkip" classname="io.foldlog.a.SomeIT" time="0"><skipped/></testcase>
</testsuite>"""

PYTEST = """<testsuites><testsuite name="pytest" tests="2">
  <testcase classname="tests.test_a" name="test_one" time="0.5"/>
  <testcase classname="tests.test_b" name="test_two" time="1.5"><error/></testcase>
</testsuite></testsuites>"""

# two sequential parts and a parallel one; the tests give the programs of the first and of the parallel part
RUN = """
import sys, tempfile
from pathlib import Path
from launcher import verification
from launcher.verification import Start, Part
first, parallel = sys.argv[1], (sys.argv[2:] or ["pass"])[0]
parts = [
    Part("first", [sys.executable, "-c", first], {}),
    Part("second", [sys.executable, "-c", "print('second ran')"], {}),
    Part("third", [sys.executable, "-c", parallel], {}, start=Start.PARALLEL_AFTER_BUILD),
]
verification.java_results = lambda *_: []
sys.exit(int(verification._verify(parts, Path(tempfile.gettempdir(), "no-ledger"))))
"""


class VerificationTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_should_read_java_results_since_a_time(self) -> None:
        reports = self.folder / "module/target/failsafe-reports"
        reports.mkdir(parents=True)
        (reports / "TEST-io.foldlog.a.SomeIT.xml").write_text(SUREFIRE)
        expected = ClassResult("io.foldlog.a.SomeIT", 3, 1261.5, 1, ["io.foldlog.a.SomeIT.shouldFail"])
        self.assertEqual(java_results(self.folder, since=0), [expected])
        self.assertEqual(java_results(self.folder, since=time.time() + 60), [])

    def test_should_read_pytest_results_by_test_file(self) -> None:
        file = self.folder / "python.xml"
        self.assertEqual(pytest_results(file), [])
        file.write_text(PYTEST)
        self.assertEqual(
            pytest_results(file),
            [
                ClassResult("tests.test_a", 1, 0.5),
                ClassResult("tests.test_b", 1, 1.5, 0, ["tests.test_b.test_two"]),
            ],
        )

    def test_should_summarise_all_parts(self) -> None:
        outcomes = [
            Outcome("maven", 1, [ClassResult("a.SomeIT", 5, 9.5, 1, ["a.SomeIT.shouldFail"])]),
            Outcome("dags", 0, [ClassResult(f"test_{n}", 1, n / 10) for n in range(12)]),
        ]
        text = summary(
            outcomes, {KAFKA: 2}, cpu_seconds=120, wall_seconds=60, interrupted=False
        )
        self.assertIn("       2  Kafka servers\n     120  CPU seconds\n      60  wall seconds", text)
        self.assertIn("     9.5  a.SomeIT\n     1.1  test_11\n", text)
        self.assertNotIn("test_2\n", text)
        self.assertRegex(text, r"maven +5 +1 +1  failed with status 1")
        self.assertIn("failed: a.SomeIT.shouldFail", text)
        self.assertEqual(text.splitlines()[-1], "15 passed, 1 failed, 1 skipped")

    def test_should_count_the_contexts_in_the_ledger(self) -> None:
        ledger = self.folder / "ledger"
        self.assertEqual(spark_contexts(ledger), 0)
        ledger.write_text("spark-context 1 a.SomeIT\nspark-context 2 b.OtherIT\nelse 1\n")
        self.assertEqual(spark_contexts(ledger), 2)

    def test_should_recognise_servers_by_their_command_line(self) -> None:
        self.assertEqual(kind_of(["/jdk/bin/java", "-Xmx1g", "kafka.Kafka", "a.properties"]), KAFKA)
        cassandra = ["java", "org.apache.cassandra.service.CassandraDaemon"]
        self.assertEqual(kind_of(cassandra), CASSANDRA)
        self.assertEqual(kind_of(["java", "org.apache.spark.deploy.SparkSubmit", "x.jar"]), SPARK)
        self.assertEqual(kind_of(["java", "-Dspark.master=local[2]", "a.Main"]), SPARK)
        self.assertIsNone(kind_of(["python3", "guarded", "--", "java", "kafka.Kafka"]))
        self.assertIsNone(kind_of(["java", "a.Main"]))
        submit = "org.apache.spark.deploy.SparkSubmit"
        self.assertIsNone(kind_of(["java", "org.apache.spark.launcher.Main", submit, "x.jar"]))
        test_jvm = ["java", "-Dspark.master=local[6]", "-jar", "/target/surefire/surefirebooter1.jar"]
        self.assertIsNone(kind_of(test_jvm))
        arguments = self.folder / "kafka.arguments"
        arguments.write_text('-Xmx1g\n"kafka.Kafka"\n')
        self.assertEqual(kind_of(["java", f"@{arguments}"]), KAFKA)

    def test_should_build_the_module_of_a_test_class(self) -> None:
        arguments = class_arguments("ArchiveIT")
        self.assertEqual(arguments[:3], ["-pl", "batch-layer", "-am"])
        self.assertIn("-Dit.test=ArchiveIT", arguments)
        self.assertEqual(arguments[-1], "verify")
        self.assertEqual(class_arguments("UserStateTest")[-2:], ["-Dtest=UserStateTest", "test"])
        self.assertEqual(java_tests()["DeadLettersIT"], ["ingestion/log", "speed-layer"])
        with self.assertRaisesRegex(Failure, "no test class ArchivIT; did you mean ArchiveIT"):
            class_arguments("ArchivIT")

    def test_should_reject_an_unknown_story(self) -> None:
        with self.assertRaisesRegex(Failure, "no story ghost-rows; did you mean ghost-row"):
            only_parts("mvn", "stories/ghost-rows", self.folder)


@unittest.skipUnless(sys.platform.startswith("linux"), "/proc and subreapers are Linux's")
class DescendantsTest(unittest.TestCase):
    """Runs the parts in separate processes, so that the test runner does not become a subreaper."""

    def run_parts(self, *programs: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *programs],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8",
        )  # fmt: skip
        self.addCleanup(process.kill)
        return process

    def test_should_fail_when_maven_prints_an_error_and_exits_with_0(self) -> None:
        maven_error = "print('[ERROR] The forked VM terminated without saying goodbye')"
        process = self.run_parts(maven_error)
        printed, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, printed)
        self.assertIn("second ran", printed)

    def test_should_run_all_parts_and_fail_if_one_failed(self) -> None:
        process = self.run_parts("import sys; print('first ran', flush=True); sys.exit(3)")
        printed, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertIn("second ran", printed)
        self.assertIn("failed with status 3", printed)
        self.assertEqual(printed.splitlines()[-1], "0 passed, 0 failed, 0 skipped")

    def test_should_start_a_parallel_part_when_its_modules_are_built(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name, "beside")
        first = (
            "import pathlib, sys, time\n"
            f"beside = pathlib.Path({str(file)!r})\n"
            "line = '[INFO] --- maven-failsafe-plugin:1.0:integration-test (default) @ {} ---'\n"
            f"*others, last = {sorted(name.decode() for name in REQUIRED_MODULES)!r}\n"
            "for name in others: print(line.format(name), flush=True)\n"
            "time.sleep(1)\n"
            "early = beside.exists()\n"
            "print(line.format(last), flush=True)\n"
            "end = time.monotonic() + 30\n"
            "while not beside.exists() and time.monotonic() < end: time.sleep(0.05)\n"
            "sys.exit(early or not beside.exists())"
        )
        process = self.run_parts(first, f"import pathlib; pathlib.Path({str(file)!r}).touch()")
        printed, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, printed)

    def test_should_require_only_existing_modules(self) -> None:
        depths = ("*/pom.xml", "*/*/pom.xml", "*/*/*/pom.xml")
        poms = [pom.read_text() for depth in depths for pom in ROOT.glob(depth)]
        for name in REQUIRED_MODULES:
            own = f"\n  <artifactId>{name.decode()}</artifactId>"
            self.assertTrue(any(own in pom for pom in poms), name)

    def test_should_start_a_parallel_part_after_maven_if_nothing_was_built(self) -> None:
        process = self.run_parts("print('first ran')", "print('third ran')")
        printed, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, printed)
        self.assertLess(printed.index("first ran"), printed.index("third ran"))

    def test_should_count_the_cpu_seconds_of_an_orphan(self) -> None:
        busy = "import time; e = time.process_time() + 1.2\nwhile time.process_time() < e: pass"
        orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {busy!r}])"
        waits = f"{orphan}; import time; time.sleep(0)"
        # the parent of the orphan ends at once; the part itself waits for the end of the pipe
        first = (
            "import subprocess, sys; r = subprocess.run([sys.executable, '-c', "
            f"{waits!r}], stdout=subprocess.PIPE)"
        )
        printed, _ = self.run_parts(first).communicate(timeout=60)
        seconds = next(line for line in printed.splitlines() if "CPU seconds" in line)
        self.assertGreaterEqual(int(seconds.split()[0]), 1)

    def test_should_count_the_cpu_seconds_of_threads_that_outlive_the_main_thread(self) -> None:
        busy = (
            "import ctypes, threading, time\n"
            "def work():\n"
            "    e = time.thread_time() + 1.2\n"
            "    while time.thread_time() < e: pass\n"
            "threading.Thread(target=work).start()\n"
            "libc = ctypes.CDLL(None)\n"
            "libc.pthread_exit(None)"
        )
        # ends when the main thread has ended: /proc then shows the process as a zombie, which gets no signal
        first = (
            "import subprocess as s, sys, time\n"
            f"busy = s.Popen([sys.executable, '-c', {busy!r}], stdout=s.DEVNULL)\n"
            "stat = f'/proc/{busy.pid}/stat'\n"
            "while open(stat).read().rpartition(')')[2].split()[0] != 'Z': time.sleep(0.01)"
        )
        printed, _ = self.run_parts(first).communicate(timeout=60)
        seconds = next(line for line in printed.splitlines() if "CPU seconds" in line)
        self.assertGreaterEqual(int(seconds.split()[0]), 1, printed)

    def test_should_end_all_parts_and_print_the_summary_after_a_signal(self) -> None:
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number.name):
                sleep = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(100)"
                process = self.run_parts(sleep)
                assert process.stdout is not None
                child = 0
                for line in process.stdout:
                    if line.startswith("pid "):
                        child = int(line.split()[1])
                        break
                process.send_signal(number)
                printed, _ = process.communicate(timeout=60)
                self.assertEqual(process.returncode, status)
                self.assertIn("before the interruption", printed)
                self.assertNotIn("second ran", printed)
                self.assertFalse(Path(f"/proc/{child}").exists())

    def test_should_count_a_process_seen_in_two_samples(self) -> None:
        server = subprocess.Popen(
            ["java", "-c", "import time; time.sleep(50)", "kafka.Kafka"], executable=sys.executable
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        descendants = Descendants()
        descendants.exclude_from_reaping(server.pid)
        descendants.sample()
        self.assertEqual(descendants.counts()[KAFKA], 0)
        descendants.sample()
        descendants.sample()
        self.assertEqual(descendants.counts()[KAFKA], 1)


if __name__ == "__main__":
    unittest.main()
