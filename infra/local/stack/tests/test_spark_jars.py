import tempfile
import unittest
from pathlib import Path

from launcher.failures import Failure
from launcher.spark_jars import MINIMUM_VERSIONS, check, minimum_versions, replace

SPARK_JARS = (
    "jackson-core-2.15.2.jar",
    "jackson-core-asl-1.9.13.jar",
    "jackson-module-scala_2.12-2.15.2.jar",
    "log4j-1.2-api-2.20.0.jar",
    "log4j-api-2.20.0.jar",
    "lz4-java-1.8.0.jar",
    "netty-transport-native-epoll-4.1.96.Final-linux-aarch_64.jar",
    "netty-transport-native-epoll-4.1.96.Final-linux-x86_64.jar",
    "spark-core_2.12-3.5.7.jar",
    "zstd-jni-1.5.5-4.jar",
)
NEWER_JARS = (
    "jackson-core-2.21.8.jar",
    "jackson-module-scala_2.12-2.21.4.jar",
    "log4j-1.2-api-2.25.5.jar",
    "log4j-api-2.25.5.jar",
    "lz4-java-1.11.4.jar",
    "netty-transport-native-epoll-4.1.137.Final-linux-aarch_64.jar",
    "netty-transport-native-epoll-4.1.137.Final-linux-x86_64.jar",
)
KEPT_JARS = ("jackson-core-asl-1.9.13.jar", "spark-core_2.12-3.5.7.jar", "zstd-jni-1.5.5-4.jar")
# jackson-module-scala has no minimum; it is replaced because its version must match Jackson's
JARS_WITHOUT_MINIMUM = (*KEPT_JARS, "jackson-module-scala_2.12-2.15.2.jar")


class SparkJarsTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.resolved = Path(temporary.name, "repository")
        self.folder = Path(temporary.name, "jars")
        for folder, names in ((self.resolved, NEWER_JARS), (self.folder, SPARK_JARS)):
            folder.mkdir()
            for name in names:
                folder.joinpath(name).write_text(name)

    def test_should_replace_the_older_jar_of_the_same_artifact(self) -> None:
        replace([self.resolved / name for name in NEWER_JARS], self.folder)
        self.assertEqual({file.name for file in self.folder.iterdir()}, {*NEWER_JARS, *KEPT_JARS})
        self.assertEqual((self.folder / NEWER_JARS[0]).read_text(), NEWER_JARS[0])

    def test_should_change_nothing_the_second_time(self) -> None:
        for _ in range(2):
            replace([self.resolved / name for name in NEWER_JARS], self.folder)
        self.assertEqual({file.name for file in self.folder.iterdir()}, {*NEWER_JARS, *KEPT_JARS})

    def test_should_reject_a_jar_that_spark_does_not_have(self) -> None:
        with self.assertRaisesRegex(Failure, "no jar that other-1.0.jar replaces"):
            replace([Path("other-1.0.jar")], self.folder)

    def test_should_reject_a_folder_with_banned_versions(self) -> None:
        minimums = minimum_versions(MINIMUM_VERSIONS)
        with self.assertRaises(Failure) as failed:
            check(self.folder, minimums)
        for name in SPARK_JARS:
            self.assertEqual(name in str(failed.exception), name not in JARS_WITHOUT_MINIMUM, name)
        replace([self.resolved / name for name in NEWER_JARS], self.folder)
        check(self.folder, minimums)

    def test_should_reject_a_version_within_a_range(self) -> None:
        self.folder.joinpath("kafka-clients-4.1.1.jar").touch()
        self.folder.joinpath("kafka-clients-4.0.2.jar").touch()
        replace([self.resolved / name for name in NEWER_JARS], self.folder)
        with self.assertRaisesRegex(Failure, r"allows: kafka-clients-4\.1\.1\.jar\."):
            check(self.folder, minimum_versions(MINIMUM_VERSIONS))


if __name__ == "__main__":
    unittest.main()
