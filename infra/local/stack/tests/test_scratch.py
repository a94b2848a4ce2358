"""Temporary folders of several workers in a shared folder."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from launcher import scratch

# claims a folder, then executes another program, as a worker does
CLAIMS = """
import os, sys
from pathlib import Path
from launcher import scratch
Path(scratch.claim(Path(sys.argv[1]), sys.argv[2]), "kept").touch()
print("claimed", flush=True)
os.execvp("cat", ["cat"])
"""


# shares a folder, then executes another program, as a command of the user does
SHARES = """
import os, sys
from pathlib import Path
from launcher import scratch
scratch.share(Path(sys.argv[1]))
print("shared", flush=True)
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

    def _files(self) -> list[str]:
        return sorted(str(file.relative_to(self._shared)) for file in self._shared.glob("*/*"))

    def test_removes_folders_of_ended_workers_only(self) -> None:
        ended = self._worker("ended")
        self._worker("running")
        self.assertEqual(self._files(), ["ended/kept", "running/kept"])
        self._end(ended)
        self._worker("new")
        self.assertEqual(self._files(), ["new/kept", "running/kept"])

    def test_restarted_worker_gets_an_empty_folder(self) -> None:
        self._end(self._worker("one"))
        Path(self._shared, "one", "old").touch()
        self._worker("one")
        self.assertEqual(self._files(), ["one/kept"])

    def test_clears_a_folder_unless_a_process_shares_it(self) -> None:
        scratch.clear(self._shared)
        Path(self._shared, "library.so").touch()
        command = [sys.executable, "-c", SHARES, str(self._shared)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self._end, process)
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), b"shared\n")
        scratch.clear(self._shared)
        self.assertTrue(Path(self._shared, "library.so").exists())
        self._end(process)
        scratch.clear(self._shared)
        self.assertEqual(list(self._shared.iterdir()), [])
