import datetime
import json
import unittest

from launcher.status import parse

LAYER = {
    "state": "running",
    "trigger": "continuous",
    "epoch": 7,
    "held-back": {"records": 0, "oldest": None, "age-s": 0},
    "delay": {"run": {"count": 10, "p50-ms": 20, "p99-ms": 72}},
}


def updated(seconds_ago: int = 0) -> str:
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return time.isoformat().replace("+00:00", "Z")


class StatusTest(unittest.TestCase):
    def test_should_format_all_counts(self) -> None:
        line = json.dumps(
            {
                "at": "2026-01-01T00:00:00Z",
                "events": 2600,
                "rows": 1900,
                "deadLetters": 3,
                "speedLayer": {**LAYER, "updated": updated(), "lag": 1200},
            }
        )
        self.assertEqual(
            parse(line).line(),
            "events in 2,600   rows in the view 1,900   lag 1,200   dead letters 3"
            "   delay p50/p99 20/72 ms",
        )

    def test_should_show_records_that_are_held_back(self) -> None:
        held = {"records": 1200, "oldest": "2026-01-01T00:00:00Z", "age-s": 1500, "message": "To end it, run: x"}
        layer = {**LAYER, "updated": updated(), "lag": 0, "held-back": held}
        line = json.dumps({"events": 1, "rows": 0, "deadLetters": 0, "speedLayer": layer})
        self.assertIn("lag 0   held back 1,200, the oldest for 1,500 s   dead letters", parse(line).line())
        self.assertTrue(parse(line).line().endswith("\nTo end it, run: x"))

    def test_should_show_an_unknown_lag_without_a_speed_layer(self) -> None:
        line = json.dumps({"events": 1, "rows": 0, "deadLetters": 0, "speedLayer": None})
        self.assertIn("lag -", parse(line).line())

    def test_should_show_an_unknown_lag_for_an_old_status(self) -> None:
        layer = {**LAYER, "updated": updated(seconds_ago=60), "lag": 0}
        line = json.dumps({"events": 1, "rows": 0, "deadLetters": 0, "speedLayer": layer})
        self.assertIn("lag -", parse(line).line())


if __name__ == "__main__":
    unittest.main()
