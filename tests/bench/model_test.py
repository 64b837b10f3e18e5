#!/usr/bin/python3
"""model_test.py BUILD_DIR: that perf/model.py measures costs, plans with them, writes its files and
plans again from one; and that it finds out a gate that stores less than it says."""

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

from bench.processes import BenchError  # noqa: E402
from bench.systems import Place  # noqa: E402
from model import report  # noqa: E402
from model.measurement import Measurement  # noqa: E402
from model.setup import BY_NAME  # noqa: E402

SETUPS = "one_tls,one_proxy,hundred_replica,hundred_cluster2"


def run_model(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "perf" / "model.py"), "--build", str(BUILD), *arguments],
                          capture_output=True, text=True, timeout=100, check=False)


class Temporary(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="sluice-model-test-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)


class ShortRun(Temporary):
    def test_measures_plans_and_plans_again(self) -> None:
        done = run_model("--quick", "--setups", SETUPS, "--json", "--output", str(self.directory))
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        said = json.loads(done.stdout)
        for name, setup in said["setups"].items():
            self.assert_measured(name, setup)
        self.assert_costs(said["costs"])
        self.assertEqual([plan["shape"] for plan in said["plans"]], ["one", "hundred", "packed"])
        for each in said["checks"]:
            self.assertGreater(each["records_per_second"], 0, each["setup"])
        self.assertEqual(len(said["batches"]), 3)
        for each in said["batches"]:
            self.assertGreaterEqual(each["batch"], 1)
        name = f"model-{said['date'][:10]}"
        written = self.directory / f"{name}.json"
        self.assertEqual(json.loads(written.read_text()), said)
        self.assertIn("### Plans", (self.directory / f"{name}.md").read_text())
        self.assertTrue((self.directory / f"{name}.svg").exists())
        self.assert_planned_again(written, said)

    def assert_measured(self, name: str, setup: dict[str, object]) -> None:
        self.assertEqual(setup["failures"], [], name)
        self.assertGreaterEqual(setup["stored"], setup["acknowledged"], name)  # type: ignore
        figures = ["gate_us_per_record", "redis_us_per_record", "store_in_bytes",
                   "device_out_bytes", "memory_bytes"]
        figures += ["proxy_us_per_record"] if "proxy" in name else []
        figures += ["replica_us_per_record"] if "replica" in name else []
        for figure in figures:
            self.assertGreater(setup[figure]["median"], 0, f"{name}: {figure}")  # type: ignore

    def assert_costs(self, costs: dict[str, object]) -> None:
        shapes = costs["shapes"]
        assert isinstance(shapes, dict)
        self.assertGreater(shapes["one"]["device_in_bytes"], 150)  # a head and a record
        self.assertLess(shapes["one"]["device_in_bytes"], 250)
        self.assertGreater(shapes["one"]["device_out_bytes"], 100)
        self.assertGreater(shapes["hundred"]["store_in_bytes"], 100)
        self.assertLess(shapes["packed"]["store_in_bytes"], 100)

    def assert_planned_again(self, file: Path, said: dict[str, object]) -> None:
        done = run_model("--quick", "--from", str(file), "--retention-s", "36000", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        again = json.loads(done.stdout)
        self.assertEqual(again["setups"], said["setups"])
        self.assertEqual(again["plans"][0]["next_limit"], "Redis memory")
        hosts = [each["plans"][0]["hosts"]["Redis memory"] for each in (said, again)]
        self.assertGreater(hosts[1], 7 * hosts[0])  # ten times, but for whole hosts

    def test_names_what_it_does_not_know(self) -> None:
        done = run_model("--setups", "one_carrier_pigeon")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no setup 'one_carrier_pigeon'", done.stderr)
        done = run_model("--nic-gbit", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("above 0", done.stderr)


class Liar(Temporary):
    def test_is_found_out(self) -> None:
        """Entries that are gone when the streams are counted, as if never stored."""
        measurement = Measurement(Place(ROOT, BUILD, BUILD, self.directory), 1, lambda text: None)
        self.addCleanup(measurement.stop)
        measurement.start((BY_NAME["hundred"],))
        self.assertEqual(measurement.results["hundred"].failures, [])
        node = measurement.gates["hundred"].store.nodes[0]
        length = node.length
        node.length = lambda stream: length(stream) - 1  # type: ignore[method-assign]
        measurement.run(1)
        self.assertIn("records, sluice says", measurement.results["hundred"].failures[0])


class Readme(Temporary):
    def test_is_written_between_its_marks_only(self) -> None:
        path = self.directory / "README.md"
        path.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
        report.write_readme(path, f"{report.BEGIN}\nnew\n{report.END}")
        self.assertEqual(path.read_text(), f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n")
        path.write_text("no marks\n")
        with self.assertRaises(BenchError):
            report.write_readme(path, "new")
        self.assertEqual(path.read_text(), "no marks\n")

    def test_has_the_marks(self) -> None:
        text = (ROOT / "README.md").read_text()
        self.assertLess(text.index(report.BEGIN), text.index(report.END))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
