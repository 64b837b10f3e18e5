#!/usr/bin/python3
"""Chooses sluice's settings by load test: batch maximum, window, linger and workers. First one at a
time around the defaults, then the best of each together with their neighbours, all in turns. See
perf/README.md for the method."""

import argparse
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True  # what is made goes to build/

from bench import workloads  # noqa: E402
from bench.idle import raise_descriptors  # noqa: E402
from bench.measuring import Settings  # noqa: E402
from bench.processes import BenchError  # noqa: E402
from bench.program import describe, progress, run  # noqa: E402
from bench.redis import Redis  # noqa: E402
from bench.systems import Place  # noqa: E402
from sweep import report  # noqa: E402
from sweep.choice import RULE, choose, louder  # noqa: E402
from sweep.measuring import Sweep, Trial  # noqa: E402
from sweep.setting import COMBINATIONS_MAX, NAMES, Grid, read_default  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("wrk", "redis-server", "setpriv")
USUAL = ("one_256", "hundred")
OPEN_LOOP = tuple(name for name, each in workloads.BY_NAME.items() if each.open_percents)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="perf/sweep.py", description=__doc__,
        epilog=f"The rule: {RULE} Workloads: {', '.join(OPEN_LOOP)}.")
    add = parser.add_argument
    add("--quick", action="store_true", help="about a minute: 1 round of 1 s, one workload, only "
        "the values next to the defaults; its results go to build/sweep and show nothing")
    add("--rounds", type=int, metavar="N", help="rounds of each setting (3)")
    add("--seconds", type=int, metavar="N", help="seconds of a turn, in each of the two loops (2)")
    add("--workloads", metavar="X,Y", help=f"what is asked of it ({','.join(USUAL)})")
    add("--json", action="store_true", help="one JSON object instead of the tables")
    add("--output", type=Path, metavar="DIR", help="where the files go (perf/results)")
    add("--build", type=Path, metavar="DIR", default=ROOT / "build",
        help="where sluice and bulk are (build)")
    return parser.parse_args()


def read_settings(arguments: argparse.Namespace) -> Settings:
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    seconds = arguments.seconds or (1 if arguments.quick else 2)
    if min(rounds, seconds) < 1:
        raise BenchError("rounds and seconds are above 0")
    usual = USUAL[:1] if arguments.quick else USUAL
    names = arguments.workloads.split(",") if arguments.workloads else usual
    for name in names:
        if name not in OPEN_LOOP:
            raise BenchError(f"there is no workload '{name}' with an open loop; "
                             f"there are {', '.join(OPEN_LOOP)}")
    return Settings(rounds=rounds, seconds=seconds, systems=("sluice",),
                    workloads=tuple(workloads.BY_NAME[name] for name in names), latency=True,
                    quick=arguments.quick)


def check_programs(place: Place) -> None:
    for program in NEEDED:
        if shutil.which(program) is None:
            raise BenchError(f"{program} is missing; 'make bench-deps' installs it")
    for program in ("sluice", "bulk"):
        if not (place.build / program).exists():
            raise BenchError(f"{place.build / program} is missing; 'make sweep' builds it")


def run_parts(sweep: Sweep, grid: Grid) -> list[Trial]:
    """Every setting alone; then what was best of each together, unless that was measured."""
    trials = sweep.measure("one at a time", grid.alone())
    by_setting = {trial.setting: trial for trial in trials}
    best = grid.default
    for name in NAMES:
        some = [by_setting[setting] for setting in grid.one_at_a_time(name)]
        some.sort(key=lambda trial: trial is not trials[0])  # the default first
        choice = choose([trial.score for trial in some], trials[0].noise)
        best = replace(best, **{name: getattr(some[choice.place].setting, name)})
    if best != grid.default:
        new = [each for each in grid.around(best) if each not in by_setting]
        trials += sweep.measure("together", [grid.default, *new[:COMBINATIONS_MAX]])[1:]
    return trials


def introduction(about: dict[str, object], trials: list[Trial], settings: Settings) -> str:
    described, commit = about["machine"], about["commit"]
    assert isinstance(described, dict) and isinstance(commit, dict)
    changed = ", with changes" if commit["changed"] else ""
    return (f"{about['date']}, commit {str(commit['id'])[:12]}{changed}. "
            f"{described['cores']} cores ({described['cpu']}). {len(trials)} settings, "
            f"{settings.rounds} rounds of {settings.seconds} s in each loop. Load generator, Redis "
            "and sluice share the machine.")


def measure(arguments: argparse.Namespace, place: Place) -> bool:
    settings = read_settings(arguments)
    check_programs(place)
    raise_descriptors(4096)
    about = describe(place, {"rounds": settings.rounds, "seconds": settings.seconds,
                             "quick": settings.quick})
    grid = Grid(read_default(place.build / "sluice"), nearest=settings.quick)
    redis = Redis(place.work)
    try:
        sweep = Sweep(place, redis, settings, progress)
        trials = run_parts(sweep, grid)
    finally:
        redis.stop()
        progress("")
    noise = louder(trials[0].noise, trials[-1].noise)
    choice = choose([trial.score for trial in trials], noise)
    tables = [report.workload_table(workload, sweep.rates[workload.name], trials, choice)
              for workload in settings.workloads]
    tables.append(report.together_table(trials, choice))
    whole = report.as_json(about, sweep.rates, trials, choice)
    opening, last = introduction(about, trials, settings), report.conclusion(trials, choice, noise)
    output = arguments.output or ROOT / ("build/sweep" if settings.quick else "perf/results")
    files = report.write_files(output, whole, opening, tables, last, trials, settings.workloads,
                               choice)
    print(json.dumps(whole) if arguments.json else report.as_text(opening, tables, last))
    print("sweep: wrote " + ", ".join(str(file) for file in files), file=sys.stderr)
    return not trials[choice.place].score.failed


def main() -> int:
    arguments = parse_arguments()
    return run("sweep", ROOT, arguments.build, lambda place: measure(arguments, place),
               "no setting passed: see the tables")


if __name__ == "__main__":
    sys.exit(main())
