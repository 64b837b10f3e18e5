#!/usr/bin/python3
"""What many gates and many nodes of Redis reach, from what a record costs here, measured in the
same run; and how far that predicts what this machine does. See perf/README.md for the method."""

import argparse
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True  # what is made goes to build/

from bench.measured import Measured  # noqa: E402
from bench.processes import BenchError  # noqa: E402
from bench.program import describe, progress, run  # noqa: E402
from bench.spread import Spread  # noqa: E402
from bench.systems import Place  # noqa: E402
from model import report as reports  # noqa: E402
from model.check import batch_checks, check, is_checked  # noqa: E402
from model.costs import take_apart  # noqa: E402
from model.limits import Machine  # noqa: E402
from model.measurement import Measurement  # noqa: E402
from model.plan import RATES, Delivery, Plan, Planner  # noqa: E402
from model.report import Report  # noqa: E402
from model.setup import BY_NAME, QUICK, SHAPES, Setup, needed_for  # noqa: E402
from sweep.setting import read_default  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("wrk", "redis-server", "setpriv", "openssl")
REQUESTS, QUICK_REQUESTS = 10_000, 2_000  # simulated, at least
LINGER_US = 2_000  # to show what it is worth where batches are small


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="perf/model.py", description=__doc__, epilog="setups: " + ", ".join(BY_NAME))
    add = parser.add_argument
    add("--quick", action="store_true", help="half a minute: 1 round of 1 s, few setups, small "
        "simulations; its results go to build/model and show nothing")
    add("--rounds", type=int, metavar="N", help="rounds of each setup (3)")
    add("--seconds", type=int, metavar="N", help="seconds of a turn (2)")
    add("--setups", metavar="A,B", help="only these, and those that the costs come from (all)")
    add("--from", dest="measured", type=Path, metavar="FILE", help="measure nothing: plan with the "
        "figures of this report, as with other machines; writes no files unless --output says so")
    assumed = Machine()
    for name, what in (("gate_cores", "of a gate host"), ("nic_gbit", "of each host's card"),
                       ("redis_memory_gib", "of a Redis host"), ("primaries_a_host", "of Redis"),
                       ("replicas", "of each primary"), ("retention_s", "that records are kept"),
                       ("round_trip_us", "between gate and Redis"), ("p99_ms", "at most")):
        usual = getattr(assumed, name)
        add(f"--{name.replace('_', '-')}", type=type(usual), metavar="N", default=usual,
            help=f"{what} ({usual:g})")
    add("--json", action="store_true", help="one JSON object instead of the tables")
    add("--output", type=Path, metavar="DIR", help="where the files go (perf/results)")
    add("--readme", action="store_true", help="also write the plans into README.md, between its "
        "marks, if no setup has failed")
    add("--build", type=Path, metavar="DIR", default=ROOT / "build",
        help="where sluice and bulk are (build)")
    return parser.parse_args()


def machine_of(arguments: argparse.Namespace) -> Machine:
    fields = {name: getattr(arguments, name) for name in vars(Machine())
              if hasattr(arguments, name)}
    if min(value for name, value in fields.items() if name != "replicas") <= 0 \
            or fields["replicas"] < 0:
        raise BenchError("what is assumed of machines is above 0, replicas not below")
    return Machine(**fields)


def setups_of(arguments: argparse.Namespace) -> tuple[Setup, ...]:
    names = arguments.setups.split(",") if arguments.setups else (
        QUICK if arguments.quick else tuple(BY_NAME))
    for name in names:
        if name not in BY_NAME:
            raise BenchError(f"there is no setup '{name}'; there are {', '.join(BY_NAME)}")
    setups = needed_for(tuple(names))
    if any(setup.proxy for setup in setups) and not (
            shutil.which("haproxy") or Path("/usr/sbin/haproxy").exists()):
        print("model: haproxy is not there, left out", file=sys.stderr)
        setups = tuple(setup for setup in setups if not setup.proxy)
    return setups


def check_programs(place: Place) -> None:
    for program in NEEDED:
        if shutil.which(program) is None:
            raise BenchError(f"{program} is missing; 'make model' installs it")
    for program in ("sluice", "bulk"):
        if not (place.build / program).exists():
            raise BenchError(f"{place.build / program} is missing; 'make model' builds it")


def measure_costs(place: Place, setups: tuple[Setup, ...], rounds: int, seconds: int
                  ) -> tuple[dict[str, Measured], list[dict[str, float]]]:
    measurement = Measurement(place, seconds, progress)
    try:
        measurement.start(setups)
        measurement.run(rounds)
        seen = measurement.batches(SHAPES[0], seconds, rounds)
    finally:
        measurement.stop()
        progress("")
    return measurement.results, seen


def read_measured(whole: dict[str, object]) -> dict[str, Measured]:
    setups = whole["setups"]
    assert isinstance(setups, dict)
    return {name: Measured(
        figures={figure: Spread(value["rounds"]) for figure, value in each.items()
                 if isinstance(value, dict)},
        acknowledged=each["acknowledged"], stored=each["stored"], failures=each["failures"])
        for name, each in setups.items()}


def make_plans(planner: Planner, quick: bool) -> tuple[list[Plan], list[Plan]]:
    """In cells of one gate host; then one rate as a whole mesh, with a linger, and with requests
    whose records are of as many devices."""
    rates = RATES[:1] if quick else RATES
    plans = [planner.plan(shape.name, rate, gates_a_cell=1) for shape in SHAPES for rate in rates]
    if quick:
        return plans, []
    rate = RATES[1]
    waiting = Planner(planner.costs, planner.machine,
                      replace(planner.delivery, linger_us=LINGER_US), planner.requests)
    others = [planner.plan(shape.name, rate) for shape in SHAPES]
    others += [waiting.plan(SHAPES[0].name, rate)]
    others += [planner.plan(shape.name, rate, spread=True, gates_a_cell=1) for shape in SHAPES[1:]]
    return plans, others


def model(arguments: argparse.Namespace, about: dict[str, object], results: dict[str, Measured],
          seen: list[dict[str, float]], delivery: Delivery) -> Report:
    costs, machine = take_apart(results), machine_of(arguments)
    progress("simulating")
    planner = Planner(costs, machine, delivery, QUICK_REQUESTS if arguments.quick else REQUESTS)
    plans, others = make_plans(planner, arguments.quick)
    described = about["machine"]
    assert isinstance(described, dict)
    checks = [check(costs, results, BY_NAME[name], described["cores"]) for name in results
              if is_checked(BY_NAME[name])]
    batches = batch_checks(costs, SHAPES[0].name, seen, delivery)
    progress("")
    return Report(about, results, costs, machine, delivery, plans, others, checks, batches)


def make_report(arguments: argparse.Namespace, place: Place
                ) -> tuple[Report, list[dict[str, float]]]:
    if arguments.measured:
        whole = json.loads(arguments.measured.read_text())
        about = {name: whole[name] for name in ("date", "machine", "versions", "commit",
                                                "settings")}
        return model(arguments, about, read_measured(whole), whole["open_loop"],
                     Delivery(**whole["delivery"])), whole["open_loop"]
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    seconds = arguments.seconds or (1 if arguments.quick else 2)
    if min(rounds, seconds) < 1:
        raise BenchError("rounds and seconds are above 0")
    setups = setups_of(arguments)
    check_programs(place)
    about = describe(place, {"rounds": rounds, "seconds": seconds, "quick": arguments.quick})
    default = read_default(place.build / "sluice")
    results, seen = measure_costs(place, setups, rounds, seconds)
    return model(arguments, about, results, seen, Delivery(
        default.window, default.batch_records_max, default.linger_us)), seen


def measure(arguments: argparse.Namespace, place: Place) -> bool:
    machine_of(arguments)  # what is wrong is said before anything is measured
    report, seen = make_report(arguments, place)
    whole = reports.as_json(report, seen)
    print(json.dumps(whole) if arguments.json else reports.as_text(report))
    usual = None if arguments.measured else ROOT / (
        "build/model" if arguments.quick else "perf/results")
    if output := arguments.output or usual:
        from model import plot  # matplotlib takes its time, and --json alone wants none of it
        files = [*reports.write_files(output, whole, report), plot.draw(output, report)]
        print("model: wrote " + ", ".join(str(file) for file in files), file=sys.stderr)
    failures = reports.failures_of(report)
    if arguments.readme and not failures:
        data = f"perf/results/model-{str(report.about['date'])[:10]}.md"
        reports.write_readme(ROOT / "README.md", reports.readme_part(report, data))
    return not failures


def main() -> int:
    arguments = parse_arguments()
    return run("model", ROOT, arguments.build, lambda place: measure(arguments, place),
               "a setup has failed: see the first lines")


if __name__ == "__main__":
    sys.exit(main())
