"""Folders of several workers in one place."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# claims, then becomes another program, as a worker does
CLAIMS = """
import os, sys
from pathlib import Path
from launcher import scratch
Path(scratch.claim(Path(sys.argv[1]), sys.argv[2]), "kept").touch()
print("claimed", flush=True)
os.execvp("cat", ["cat"])
"""


class ScratchTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self._shared = Path(folder.name, "workers")

    def _worker(self, name: str) -> "subprocess.Popen[bytes]":
        worker = subprocess.Popen(
            [sys.executable, "-c", CLAIMS, str(self._shared), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(self._end, worker)
        assert worker.stdout is not None
        self.assertEqual(worker.stdout.readline(), b"claimed\n")
        return worker

    @staticmethod
    def _end(worker: "subprocess.Popen[bytes]") -> None:
        worker.kill()
        worker.communicate()

    def _found(self) -> list[str]:
        return sorted(str(file.relative_to(self._shared)) for file in self._shared.glob("*/*"))

    def test_what_a_worker_left_is_removed_and_what_another_holds_is_not(self) -> None:
        gone = self._worker("gone")
        self._worker("alive")
        self.assertEqual(self._found(), ["alive/kept", "gone/kept"])
        self._end(gone)
        self._worker("new")
        self.assertEqual(self._found(), ["alive/kept", "new/kept"])

    def test_a_worker_that_starts_anew_finds_its_folder_empty(self) -> None:
        self._end(self._worker("one"))
        Path(self._shared, "one", "old").touch()
        self._worker("one")
        self.assertEqual(self._found(), ["one/kept"])
