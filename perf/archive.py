#!/usr/bin/python3
"""Answers of questionnaires on their way into each database: row by row, a transaction for each
questionnaire, and by sluice-archive out of Redis, in turns. See perf/README.md for the method."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # what is made goes to build/

from archive import answers, report  # noqa: E402
from archive.databases import DATABASES  # noqa: E402
from archive.disk import syncs_per_second  # noqa: E402
from archive.measuring import Bench  # noqa: E402
from archive.report import Found  # noqa: E402
from bench.machine import describe_commit, describe_machine, version_of  # noqa: E402
from bench.processes import BenchError  # noqa: E402
from bench.program import now, progress, run  # noqa: E402
from bench.redis import Redis  # noqa: E402
from bench.systems import Place  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ROWS = 200_000
PROGRAMS = ("sluice-archive", "row_writer")
NEEDED = ("redis-server", "setpriv")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/archive.py", description=__doc__,
                                     epilog="databases: " + ", ".join(DATABASES))
    add = parser.add_argument
    add("--rows", type=int, metavar="N", default=ROWS, help=f"answers to insert ({ROWS})")
    add("--rounds", type=int, metavar="N", default=1, help="rounds of each way to do so (1)")
    add("--databases", metavar="A,B", help="only these (all)")
    add("--json", action="store_true", help="one JSON object instead of the tables")
    add("--output", type=Path, metavar="DIR", help="where the files go (perf/results if all "
        f"databases had {ROWS} rows or more; otherwise none are written)")
    add("--build", type=Path, metavar="DIR", default=ROOT / "build",
        help="where sluice-archive and row_writer are, and where data is meanwhile (build)")
    return parser.parse_args()


def databases_of(arguments: argparse.Namespace) -> list[str]:
    names = arguments.databases.split(",") if arguments.databases else list(DATABASES)
    for name in names:
        if name not in DATABASES:
            raise BenchError(f"there is no database '{name}'; there are {', '.join(DATABASES)}")
    if min(arguments.rows, arguments.rounds) < 1:
        raise BenchError("rows and rounds are above 0")
    return [name for name in DATABASES if name in names]


def check_programs(place: Place, names: list[str]) -> None:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    missing += [program for name in names for program in DATABASES[name].missing()]
    if missing:
        raise BenchError(f"{missing[0]} is missing; 'make bench-archive' installs it")
    for program in PROGRAMS:
        if not (place.build / program).exists():
            raise BenchError(f"{place.build / program} is missing; 'make bench-archive' builds it")


def describe(place: Place, arguments: argparse.Namespace, names: list[str],
             data: Path) -> dict[str, object]:
    return {"date": now(), "machine": describe_machine(),
            "versions": {"sluice-archive": version_of([str(place.build / "sluice-archive"),
                                                       "--version"]),
                         "redis": version_of(["redis-server", "--version"])},
            "commit": describe_commit(place.root),
            "settings": {"rows": arguments.rows, "rounds": arguments.rounds, "databases": names},
            "syncs_per_second": syncs_per_second(data)}


def measure_database(place: Place, redis: Redis, name: str, arguments: argparse.Namespace,
                     data: Path) -> Found:
    kind = DATABASES[name]
    progress(f"{kind.title}: starting")
    database = kind(place.work, data)
    try:
        bench = Bench(place, redis, database, arguments.rows, progress)
        return Found(kind.title, kind.version(), bench.run(arguments.rounds))
    finally:
        database.stop()


def measure_all(place: Place, names: list[str], arguments: argparse.Namespace,
                data: Path) -> dict[str, Found]:
    redis = Redis(place.work)
    try:
        progress("filling the stream")
        answers.fill(redis, arguments.rows)
        return {name: measure_database(place, redis, name, arguments, data) for name in names}
    finally:
        redis.stop()
        progress("")


def measure(arguments: argparse.Namespace, place: Place) -> bool:
    names = databases_of(arguments)
    check_programs(place, names)
    # PostgreSQL's server, which is another user, has a directory of its own in each.
    place.work.chmod(0o711)
    with tempfile.TemporaryDirectory(prefix="archive-bench-", dir=place.build) as made:
        data = Path(made)
        data.chmod(0o711)
        about = describe(place, arguments, names, data)
        found = measure_all(place, names, arguments, data)
    whole, opening = report.as_json(about, found), report.introduction(about, found)
    tables = [report.table_of(each, arguments.rounds) for each in found.values()]
    print(json.dumps(whole) if arguments.json else report.as_text(opening, tables))
    is_full = arguments.rows >= ROWS and names == list(DATABASES)
    if output := arguments.output or (ROOT / "perf" / "results" if is_full else None):
        files = report.write_files(output, whole, opening, tables)
        print("archive: wrote " + ", ".join(str(file) for file in files), file=sys.stderr)
    return not any(each.failed for each in found.values())


def main() -> int:
    arguments = parse_arguments()
    return run("archive", ROOT, arguments.build, lambda place: measure(arguments, place),
               "a table has not the rows that were inserted: see the tables")


if __name__ == "__main__":
    sys.exit(main())
