#!/usr/bin/python3
"""archive_test.py BUILD_DIR: that perf/archive.py fills each database that is installed in each of
its ways, says so, and finds out a writer that inserts less or something else."""

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

from archive.databases import DATABASES  # noqa: E402

ROWS = 2_000
FIGURES = {"rows_per_second", "to_row_by_row", "writer_us_per_row", "writer_cores",
           "machine_steal"}
OF_SERVER = {"database_us_per_row", "database_cores"}
OF_REDIS = {"redis_us_per_row", "redis_cores"}


def run_archive(*arguments: str, build: Path = BUILD) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "perf" / "archive.py"), "--build", str(build), *arguments],
                          capture_output=True, text=True, timeout=250, check=False)


class Temporary(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="sluice-archive-bench-test-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)


class ShortRun(Temporary):
    def test_fills_each_database_in_each_way(self) -> None:
        installed = [name for name, kind in DATABASES.items() if not kind.missing()]
        done = run_archive("--rows", str(ROWS), "--databases", ",".join(installed), "--json",
                           "--output", str(self.directory))
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        said = json.loads(done.stdout)
        self.assertEqual([each["name"] for each in said["databases"]], installed)
        for database in said["databases"]:
            self.assert_measured(database)
        self.assertEqual(said["settings"],
                         {"rows": ROWS, "rounds": 1, "databases": installed})
        for member in ("date", "machine", "versions", "commit", "syncs_per_second"):
            self.assertTrue(said[member], member)
        name = f"archive-{said['date'][:10]}"
        self.assertEqual(json.loads((self.directory / f"{name}.json").read_text()), said)
        self.assertIn("| sluice-archive |", (self.directory / f"{name}.md").read_text())

    def assert_measured(self, database: dict[str, object]) -> None:
        self.assertTrue(database["version"])
        systems = database["systems"]
        assert isinstance(systems, dict)
        self.assertEqual(list(systems), ["row_by_row", "questionnaires", "archive"])
        for name, system in systems.items():
            where = f"{database['name']}: {name}"
            self.assertEqual(system["failures"], [], where)
            self.assertEqual(system["stored"], ROWS, where)
            expected = FIGURES | (OF_SERVER if database["name"] != "sqlite" else set())
            expected |= OF_REDIS if name == "archive" else set()
            self.assertEqual(set(system) - {"stored", "failures"}, expected, where)
            for figure in ("rows_per_second", "writer_us_per_row"):
                self.assertGreater(system[figure]["median"], 0, f"{where}: {figure}")
        self.assertEqual(systems["row_by_row"]["to_row_by_row"]["rounds"], [1.0])

    def test_names_what_it_does_not_know(self) -> None:
        done = run_archive("--databases", "sqlite,paper")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no database 'paper'", done.stderr)


class Cheats(Temporary):
    """A row_writer that says what it was asked for and does something else."""

    def run_with(self, line: str) -> tuple[subprocess.CompletedProcess[str], dict[str, list[str]]]:
        script = self.directory / "row_writer"
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
        (self.directory / "sluice-archive").symlink_to(BUILD / "sluice-archive")
        done = run_archive("--rows", "60", "--databases", "sqlite", "--json",
                           build=self.directory)
        systems = json.loads(done.stdout)["databases"][0]["systems"]
        return done, {name: system["failures"] for name, system in systems.items()}

    def test_fewer_rows_are_found_out(self) -> None:
        done, failures = self.run_with(f"exec '{BUILD}/row_writer' \"$1\" \"$2\" --rows 59")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a table has not the rows", done.stderr)
        self.assertEqual(failures["row_by_row"], ["of 60 rows the table has 59"])
        self.assertEqual(failures["archive"], [])

    def test_other_rows_are_found_out(self) -> None:
        change = "UPDATE questionnaires SET answer = 9"
        _, failures = self.run_with(f"'{BUILD}/row_writer' \"$@\"; "
                                    f"sqlite3 \"${{2#sqlite://}}\" '{change}'")
        self.assertEqual(failures["questionnaires"],
                         ["the table's rows are not those that were meant"])

    def test_a_writer_that_fails_has_no_figures(self) -> None:
        done, failures = self.run_with("echo the disk is full >&2; exit 1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the disk is full", failures["row_by_row"][0])
        self.assertEqual(failures["archive"], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
