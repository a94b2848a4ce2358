import os
import subprocess
import sys
import unittest

from launcher.repository import PYTHON_PATH

# the signal is sent to another thread, so it does not interrupt the waiting main thread
WAITING = """
import signal, subprocess, sys, threading, time
from launcher.signals import Stopped, stop_on_signals
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
def send():
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
try:
    with stop_on_signals():
        threading.Thread(target=send, daemon=True).start()
        {wait}
except Stopped as stopped:
    sys.exit(int(stopped.status))
finally:
    child.kill()
"""
WAITS = {
    "a process": "child.wait()",
    "a thread": "t = threading.Thread(target=child.wait, daemon=True); t.start(); t.join()",
}


class SignalsTest(unittest.TestCase):
    def test_should_handle_a_signal_to_another_thread(self) -> None:
        for name, wait in WAITS.items():
            with self.subTest(name):
                ended = subprocess.run(
                    [sys.executable, "-c", WAITING.format(wait=wait)],
                    env={**os.environ, "PYTHONPATH": PYTHON_PATH},
                    timeout=30,
                )
                self.assertEqual(ended.returncode, 143)
