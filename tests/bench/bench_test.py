#!/usr/bin/python3
"""bench_test.py BUILD_DIR: that perf/bench.py measures, says so in its files, and finds out a server
that acknowledges what it does not store."""

import dataclasses
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

from bench import machine, report, tables, targets, workloads  # noqa: E402
from bench.measured import Measured  # noqa: E402
from bench.measuring import Bench, Settings  # noqa: E402
from bench.redis import Redis  # noqa: E402
from bench.systems import Place  # noqa: E402


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "perf" / "bench.py"), "--build", str(BUILD), *arguments],
                          capture_output=True, text=True, timeout=100, check=False)


class Temporary(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="sluice-bench-test-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)


class ShortRun(Temporary):
    def test_measures_and_writes_its_files(self) -> None:
        done = run_bench("--quick", "--systems", "floor,sluice", "--workloads",
                         "one_64,hundred,packed", "--idle", "200", "--json",
                         "--output", str(self.directory))
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        written = sorted(path.name for path in self.directory.iterdir())
        day = said["date"][:10]
        self.assertEqual(json.loads((self.directory / f"{day}.json").read_text()), said)
        self.assertIn(f"{day}.md", written)
        self.assertIn("cpu.svg", written)
        for member in ("machine", "versions", "commit", "settings", "targets"):
            self.assertTrue(said[member], member)
        one, hundred, packed = said["workloads"]
        for system in (one["systems"]["floor"], one["systems"]["sluice"]):
            self.assert_measured(system)
        sluice = hundred["systems"]["sluice"]
        self.assertGreater(sluice["acknowledged"], 0)
        self.assertGreaterEqual(sluice["stored"], sluice["acknowledged"])
        self.assertGreater(sluice["redis_us_per_record"]["median"], 0)
        self.assertGreater(
            hundred["systems"]["redis_benchmark"]["records_per_second"]["median"], 0)
        self.assert_packed(packed["systems"]["sluice"], said["targets"])
        self.assertGreater(one["systems"]["sluice"]["server_us_to_floor"]["median"], 0)
        calls = said["system_calls"]["sluice"]
        if "not_counted" not in calls:  # as where no process may be traced
            self.assertAlmostEqual(calls["device_reads"], 1, delta=0.3)
        self.assertEqual(said["idle"]["connections"], 200)

    def assert_packed(self, sluice: dict[str, object], lines: list[dict[str, object]]) -> None:
        self.assertEqual(sluice["failures"], [])
        self.assertGreaterEqual(sluice["stored"], sluice["acknowledged"])
        self.assertEqual(sluice["stored"] % 1000, 0)
        judged = next(each for each in lines if "packed" in str(each["target"]))
        self.assertAlmostEqual(judged["measured"], sluice["records_per_second"]["median"], delta=1)

    def assert_measured(self, system: dict[str, object]) -> None:
        self.assertEqual(system["failures"], [])
        for figure in ("requests_per_second", "server_us_per_request", "closed_loop_p99_us"):
            self.assertGreater(system[figure]["median"], 0, figure)
        self.assertEqual([at["percent"] for at in system["open_loop"]], [50])
        self.assertGreater(system["open_loop"][0]["p99.9_us"], 0)

    def test_names_what_it_does_not_know(self) -> None:
        done = run_bench("--systems", "apache")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no 'apache'", done.stderr)


class Liar(Temporary):
    """A peer that answers 200 and stores nothing; a second one that cannot be started."""

    def add_peer(self, name: str, line: str) -> None:
        script = self.directory / "perf" / "peers" / name / "run"
        script.parent.mkdir(parents=True)
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)

    def test_is_found_out(self) -> None:
        self.add_peer("node", f"exec '{BUILD}/floor' \"${{1#*:}}\"")
        self.add_peer("nginx_lua", "echo no such module; exit 1")
        (self.directory / "perf" / "wrk").symlink_to(ROOT / "perf" / "wrk")
        work = self.directory / "work"
        work.mkdir()
        workload = workloads.BY_NAME["one_64"]
        settings = Settings(rounds=1, seconds=1, systems=("node", "nginx_lua"),
                            workloads=(workload,), latency=False, quick=True)
        redis = Redis(work)
        self.addCleanup(redis.stop)
        results = Bench(Place(self.directory, BUILD, BUILD, work), redis, settings,
                        lambda text: None).run(workload)
        acknowledged = results["node"].acknowledged
        self.assertGreater(acknowledged, 0)
        table = tables.workload_table(workload, results).text()
        self.assertIn(f"failed: stored 0 of {acknowledged}", table)
        self.assertIn("failed: did not start: nginx_lua ended: no such module", table)


class Packed(Temporary):
    """Entries that do not hold what they are counted for."""

    def test_entries_are_looked_into(self) -> None:
        workload = dataclasses.replace(workloads.BY_NAME["packed"], entry_records=50)
        settings = Settings(rounds=1, seconds=1, systems=("sluice",), workloads=(workload,),
                            latency=False, quick=True)
        redis = Redis(self.directory)
        self.addCleanup(redis.stop)
        measured = Bench(Place(ROOT, BUILD, BUILD, self.directory), redis, settings,
                         lambda text: None).run(workload)["sluice"]
        self.assertLess(measured.stored, measured.acknowledged)
        self.assertIn(f"stored {measured.stored} of {measured.acknowledged}", measured.failures)
        self.assertIn("an entry holds 1000 records, and not 50", measured.failures)


class Targets(unittest.TestCase):
    def results(self) -> list[dict[str, object]]:
        measured = {name: Measured() for name in ("sluice", "nginx")}
        for cost, ratio in ((5.0, 1.05), (9.0, 1.30), (5.5, 1.08)):
            measured["sluice"].add({"server_us_per_request": cost, "server_us_to_floor": ratio})
            measured["nginx"].add({"server_us_per_request": 5.2})
        calls: dict[str, dict[str, object]] = {"sluice": {"device_reads": 1.01}}
        return targets.judge({"one_64": measured}, calls, {"connections": 9,
                                                           "bytes_a_connection": 1025})

    def test_judge_by_medians_and_say_what_was_not_measured(self) -> None:
        lines = self.results()
        self.assertEqual([each["result"] for each in lines],
                         ["pass", "miss"] + ["not measured"] * 7 + ["pass", "not measured", "miss"])
        self.assertEqual(lines[0]["measured"], 1.08)
        self.assertIn("9 idle keep-alive connections: user memory", lines[-1]["target"])

    def test_show_beside_a_latency_what_the_floor_reached(self) -> None:
        measured = {name: Measured(open_loop=[
            {"percent": percent, "p99_us": times * 500, "p99.9_us": times * 2000}
            for percent, times in ((25, 0), (50, 1 + at), (75, 9))])
            for at, name in enumerate(("floor", "sluice"))}
        lines = [each for each in targets.judge({"one_256": measured}, {}, {})
                 if "open loop" in str(each["target"])]
        self.assertEqual([(each["shown"], each["measured"], each["result"]) for each in lines],
                         [("1.00 ms (floor: 0.50 ms)", 1.0, "pass"),
                          ("4.00 ms (floor: 2.00 ms)", 4.0, "pass")])

    def test_say_where_there_were_fewer_idle_connections_than_asked_for(self) -> None:
        idle = {"connections": 9, "wanted": 20, "descriptors": 12, "bytes_a_connection": 1024}
        line = targets.judge({}, {}, idle)[-1]
        self.assertIn("9 idle keep-alive connections (and not 20: a process may have 12 "
                      "descriptors)", line["target"])
        self.assertEqual(line["result"], "pass")


class Machine(unittest.TestCase):
    def test_says_how_much_of_it_others_had(self) -> None:
        before = machine.CpuTicks(stolen=10, whole=1000)
        self.assertEqual(before.stolen_share_until(machine.CpuTicks(stolen=60, whole=1200)), 0.25)
        self.assertEqual(before.stolen_share_until(before), 0)
        now = machine.CpuTicks.now()
        self.assertGreater(now.whole, now.stolen)

    def test_is_said_of_the_whole_run(self) -> None:
        systems = {name: {"machine_steal": {"rounds": rounds}}
                   for name, rounds in (("floor", [0.0, 0.01]), ("sluice", [0.02, 0.3, 0.4]))}
        said = report.steal_of({"workloads": [{"systems": systems | {"node": {}}}]})
        self.assertIn("2.0% of the CPU time (steal) in the median turn, 40.0% in the worst", said)
        self.assertEqual(report.steal_of({"workloads": []}), "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
