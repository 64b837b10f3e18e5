#!/usr/bin/python3
"""hostile_test.py BUILD_DIR: that perf/hostile.py measures a good client alone and beside slow
ones, and says so."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
sys.path.insert(0, str(ROOT / "perf"))

from bench import slow  # noqa: E402


def run_hostile(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "perf" / "hostile.py"), "--build", str(BUILD), *arguments],
                          capture_output=True, text=True, timeout=100, check=False)


class ShortRun(unittest.TestCase):
    def test_measures_a_good_client_alone_and_beside_slow_ones(self) -> None:
        done = run_hostile("--rounds", "1", "--seconds", "2", "--slow", "50", "--rate", "100",
                           "--modes", "heads,reads", "--json")
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        beside = json.loads(done.stdout)["beside"]
        self.assertEqual(list(beside), ["quiet", "heads", "reads"])
        for name, each in beside.items():
            self.assertGreater(each["latency_us"]["p99"]["median"], 0, name)
            self.assertEqual(each["stored"], each["asked"], name)
        self.assertEqual(beside["quiet"]["slow"]["opened"], 0)
        self.assertGreater(beside["heads"]["slow"]["opened"], 50)
        self.assertGreater(beside["heads"]["slow"]["closed"], 0)
        self.assertGreater(beside["heads"]["slow"]["most"], 50)

    def test_names_what_it_does_not_know(self) -> None:
        done = run_hostile("--modes", "tea")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no mode 'tea'", done.stderr)


class Statistics(unittest.TestCase):
    def test_the_last_second_counts(self) -> None:
        with tempfile.TemporaryDirectory(prefix="sluice-hostile-test-") as directory:
            path = Path(directory) / "slow.csv"
            self.assertEqual(slow.last_row(path), {})
            path.write_text("Seconds,Closed,Pending,Connected,Service Available\n"
                            "0,0,1,0,180\n1,15,1,61,180\n")
            last = slow.last_row(path)
        self.assertEqual((last["closed"], last["connected"]), (15, 61))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
