#!/usr/bin/python3
"""Measures sluice beside a floor, nginx and the servers its users would write themselves, all in
one run and in turns. See perf/README.md for the method."""

import argparse
import json
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # what is made goes to build/

from bench import idle, plots, report, system_calls, workloads  # noqa: E402
from bench.measured import Measured  # noqa: E402
from bench.measuring import Bench, Settings  # noqa: E402
from bench.processes import BenchError  # noqa: E402
from bench.program import describe, progress, run  # noqa: E402
from bench.redis import Redis  # noqa: E402
from bench.systems import BY_NAME, SYSTEMS, Place, is_present  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
IDLE_CONNECTIONS = 20_000
NEEDED = ("wrk", "redis-server", "redis-benchmark", "setpriv")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="perf/bench.py", description=__doc__,
        epilog="systems: " + ", ".join(BY_NAME) + "; workloads: " + ", ".join(workloads.BY_NAME))
    add = parser.add_argument
    add("--quick", action="store_true", help="about a minute: 1 round of 1 s, three workloads, to "
        "see that all works; its results go to build/bench and show nothing")
    add("--rounds", type=int, metavar="N", help="rounds of each system (5)")
    add("--seconds", type=int, metavar="N", help="seconds of a round (3)")
    add("--systems", metavar="A,B", help="only these (all that are built)")
    add("--workloads", metavar="X,Y", help="only these (all)")
    add("--every-system", action="store_true",
        help="every workload with every system, and not only with those that perf/README.md names")
    add("--skip-latency", action="store_true", help="no open loop at fixed rates")
    add("--skip-system-calls", action="store_true", help="no run under strace")
    add("--idle", type=int, metavar="N", help="idle connections (20000); 0: none")
    add("--json", action="store_true", help="one JSON object instead of the tables")
    add("--output", type=Path, metavar="DIR", help="where the files go (perf/results)")
    add("--build", type=Path, metavar="DIR", default=ROOT / "build",
        help="where sluice, floor and bulk are (build)")
    return parser.parse_args()


def chosen(text: str | None, known: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
    if text is None:
        return usual
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            raise BenchError(f"there is no '{name}'; there are {', '.join(known)}")
    return tuple(name for name in known if name in names)


def read_settings(arguments: argparse.Namespace) -> Settings:
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    seconds = arguments.seconds or (1 if arguments.quick else 3)
    if min(rounds, seconds) < 1 or (arguments.idle or 0) < 0:
        raise BenchError("rounds and seconds are above 0, idle connections not below")
    systems = tuple(BY_NAME)
    names = tuple(workloads.BY_NAME)
    return Settings(
        rounds=rounds, seconds=seconds, systems=chosen(arguments.systems, systems, systems),
        workloads=tuple(workloads.BY_NAME[name] for name in chosen(
            arguments.workloads, names, workloads.QUICK if arguments.quick else names)),
        latency=not arguments.skip_latency, quick=arguments.quick,
        every_system=arguments.every_system)


def check_programs(place: Place, settings: Settings) -> None:
    for program in NEEDED:
        if shutil.which(program) is None:
            raise BenchError(f"{program} is missing; 'make bench-deps' installs it")
    for program in ("sluice", "floor", "bulk"):
        if not (place.build / program).exists():
            raise BenchError(f"{place.build / program} is missing; 'make bench' builds it")
    absent = [system.name for system in SYSTEMS
              if system.name in settings.systems and not is_present(place, system)]
    if absent:
        print(f"bench: not there, left out: {', '.join(absent)}", file=sys.stderr)


def settings_of(settings: Settings) -> dict[str, object]:
    return {"rounds": settings.rounds, "seconds": settings.seconds,
            "warm_up_seconds": settings.warm_up_seconds,
            "open_loop_seconds": settings.open_seconds, "quick": settings.quick,
            "systems": list(settings.systems),
            "workloads": [workload.name for workload in settings.workloads]}


def draw(output: Path, whole: dict[str, object]) -> list[Path]:
    try:
        return plots.write_plots(output, whole)
    except ImportError:
        print("bench: no plots: python3-matplotlib is missing; 'make bench-deps' installs it",
              file=sys.stderr)
        return []


def measure(arguments: argparse.Namespace, place: Place) -> bool:
    settings = read_settings(arguments)
    check_programs(place, settings)
    idle.raise_descriptors(4096)
    about = describe(place, settings_of(settings))
    results: dict[str, dict[str, Measured]] = {}
    calls: dict[str, dict[str, object]] = {}
    idle_connections: dict[str, object] = {}
    measured_all = True
    redis = Redis(place.work)
    try:
        bench = Bench(place, redis, settings, progress)
        for workload in settings.workloads:
            results[workload.name] = bench.run(workload)
        if not arguments.skip_system_calls:
            progress("system calls")
            calls = system_calls.count_system_calls(
                place, redis, workloads.BY_NAME["one_64"],
                [name for name in ("floor", "sluice") if name in settings.systems],
                settings.seconds)
        count = arguments.idle
        if count is None:
            count = IDLE_CONNECTIONS // 10 if settings.quick else IDLE_CONNECTIONS
        if count and "sluice" in settings.systems:
            progress("idle connections")
            try:
                idle_connections = idle.measure_idle(place, redis, count)
            except BenchError as error:  # the last step does not take the others' figures with it
                progress("")
                print(f"bench: idle connections are not measured: {error}", file=sys.stderr)
                measured_all = False
    finally:
        redis.stop()
        progress("")
    whole = report.make_report(about, results, calls, idle_connections)
    tables = report.tables_of(whole, results, calls)
    output = arguments.output or ROOT / ("build/bench" if settings.quick else "perf/results")
    files = report.write_files(output, whole, tables) + draw(output, whole)
    print(json.dumps(whole) if arguments.json else report.as_text(whole, tables))
    print("bench: wrote " + ", ".join(str(file) for file in files), file=sys.stderr)
    stored_all = not any(systems["sluice"].failures for systems in results.values()
                         if "sluice" in systems)
    return measured_all and stored_all


def main() -> int:
    arguments = parse_arguments()
    return run("bench", ROOT, arguments.build, lambda place: measure(arguments, place),
               "something failed: see above")


if __name__ == "__main__":
    sys.exit(main())
