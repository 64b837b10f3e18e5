#!/usr/bin/python3
"""What clients that are slow on purpose cost one that is not: the latency of a good client alone,
and beside each mode of slowhttptest. See perf/README.md for the method."""

import argparse
import json
import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True  # what is made goes to build/

from bench import slow, workloads  # noqa: E402
from bench.idle import raise_descriptors  # noqa: E402
from bench.load import Load, run_bulk  # noqa: E402
from bench.processes import BenchError  # noqa: E402
from bench.program import describe, progress, run  # noqa: E402
from bench.redis import Redis  # noqa: E402
from bench.slow import Slow, SlowLoad  # noqa: E402
from bench.spread import tidy  # noqa: E402
from bench.systems import BY_NAME, Place, Server, metric, start  # noqa: E402
from bench.tables import Table  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("redis-server", "setpriv", slow.SLOWHTTPTEST)
GOOD = replace(workloads.BY_NAME["one_64"], connections=16)
QUIET = "quiet"
# Short, so that connections are cut as steadily as they come.
DEADLINE_MS = 2_000
LEAVE_SECONDS = 10.0
PERCENTILES = ("p50", "p99", "p99.9")


@dataclass
class Beside:
    """The good client beside one kind of others, over all rounds."""

    title: str
    latency_us: dict[str, list[float]] = field(default_factory=lambda: {p: [] for p in PERCENTILES})
    asked: int = 0
    in_line: int = 0  # due when the time was over, and never sent
    stored: int = 0
    slow: Slow = field(default_factory=Slow)
    failures: list[str] = field(default_factory=list)

    def add(self, load: Load) -> None:
        for name in PERCENTILES:
            self.latency_us[name].append(load.latency_us[name])
        self.asked += load.answers
        self.in_line += load.in_line
        self.stored += load.records
        if load.trouble or load.refused:
            self.failures.append(load.trouble or f"{load.refused} not answered 200")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/hostile.py", description=__doc__,
                                     epilog="modes: " + ", ".join(slow.BY_NAME))
    add = parser.add_argument
    add("--rounds", type=int, metavar="N", default=3, help="rounds of each mode (3)")
    add("--seconds", type=int, metavar="N", default=8, help="seconds of a turn (8)")
    add("--rate", type=int, metavar="N", default=500, help="good requests a second (500)")
    add("--slow", type=int, metavar="N", default=400, help="slow connections opened a second (400)")
    add("--modes", metavar="A,B", help="only these (all)")
    add("--json", action="store_true", help="one JSON object instead of the table")
    add("--build", type=Path, metavar="DIR", default=ROOT / "build",
        help="where sluice and bulk are (build)")
    return parser.parse_args()


def modes_of(arguments: argparse.Namespace) -> list[slow.Mode]:
    names = arguments.modes.split(",") if arguments.modes else list(slow.BY_NAME)
    for name in names:
        if name not in slow.BY_NAME:
            raise BenchError(f"there is no mode '{name}'; there are {', '.join(slow.BY_NAME)}")
    if min(arguments.rounds, arguments.seconds, arguments.rate, arguments.slow) < 1:
        raise BenchError("rounds, seconds and rates are above 0")
    return [slow.BY_NAME[name] for name in names]


def check_programs(place: Place) -> None:
    for program in NEEDED:
        if shutil.which(program) is None:
            raise BenchError(f"{program} is missing; 'make hostile' installs it")
    for program in ("sluice", "bulk"):
        if not (place.build / program).exists():
            raise BenchError(f"{place.build / program} is missing; 'make hostile' builds it")


def connections(server: Server) -> float:
    return metric(server.admin, "sluice_connections", "")


def await_none(server: Server, beside: Beside) -> None:
    """Those that are left are cut by the deadlines alone: nobody else closes them."""
    end = time.monotonic() + LEAVE_SECONDS
    while (left := connections(server)) > 0:
        if time.monotonic() > end:
            beside.failures.append(f"{left:.0f} connections were not cut")
            return
        time.sleep(0.05)


def take_turn(place: Place, server: Server, arguments: argparse.Namespace,
              mode: slow.Mode | None, beside: Beside) -> None:
    seconds = arguments.seconds
    if mode is None:
        beside.add(run_bulk(place, GOOD, server.address, seconds, arguments.rate))
        return
    with SlowLoad(mode, place.work, server.address, arguments.slow, seconds + 1,
                  lambda: connections(server)) as load:
        beside.add(run_bulk(place, GOOD, server.address, seconds, arguments.rate))
    beside.slow.opened += load.result.opened
    beside.slow.closed += load.result.closed
    beside.slow.most = max(beside.slow.most, load.result.most)
    await_none(server, beside)


def ratios(beside: Beside, quiet: Beside) -> list[float]:
    return [one / other for one, other in zip(beside.latency_us["p99"], quiet.latency_us["p99"])
            if other > 0]


def table_of(results: dict[str, Beside], arguments: argparse.Namespace) -> Table:
    table = Table(f"a good client ({arguments.rate} requests/s) beside slow ones "
                  f"({arguments.slow} connections/s, cut after {DEADLINE_MS} ms)",
                  ["beside", *(f"{name} ms" for name in PERCENTILES), "p99 least-most", "to quiet",
                   "answered 200", "slow: opened", "cut", "at once", ""],
                  notes=["A latency runs from when a request was due; medians of the rounds. 'to "
                         "quiet' is p99 to the quiet client's of the same round."])
    for beside in results.values():
        p99 = beside.latency_us["p99"]
        row = [beside.title]
        row += [f"{median(beside.latency_us[name]) / 1000:.2f}" for name in PERCENTILES]
        row += [f"{min(p99) / 1000:.2f}-{max(p99) / 1000:.2f}",
                f"{median(ratios(beside, results[QUIET])):.2f}",
                f"{beside.stored:,} of {beside.asked:,}"]
        slow_ones = (beside.slow.opened, beside.slow.closed, beside.slow.most)
        row += [f"{count:,}" if count else "-" for count in slow_ones]
        late = f"{beside.in_line:,} never sent" if beside.in_line else ""
        row.append(f"failed: {beside.failures[0]}" if beside.failures else late)
        table.rows.append(row)
    return table


def as_json(beside: Beside, quiet: Beside) -> dict[str, object]:
    return {"latency_us": {name: {"median": tidy(median(rounds)), "rounds": rounds}
                           for name, rounds in beside.latency_us.items()},
            "p99_to_quiet": [tidy(ratio) for ratio in ratios(beside, quiet)],
            "asked": beside.asked, "in_line": beside.in_line, "stored": beside.stored,
            "slow": vars(beside.slow), "failures": beside.failures}


def measure(arguments: argparse.Namespace, place: Place) -> bool:
    modes = modes_of(arguments)
    check_programs(place)
    raise_descriptors(20_000)
    about = describe(place, {name: getattr(arguments, name)
                             for name in ("rounds", "seconds", "rate", "slow")})
    results = {QUIET: Beside("nobody")} | {mode.name: Beside(mode.title) for mode in modes}
    deadlines = {f"SLUICE_HTTP_{name}_MS": str(DEADLINE_MS) for name in ("IDLE", "HEADER", "BODY")}
    redis = Redis(place.work)
    try:
        server = start(place, BY_NAME["sluice"], redis.socket_path, 1, **deadlines)
        try:
            for number in range(arguments.rounds):
                for name, beside in results.items():
                    progress(f"round {number + 1} of {arguments.rounds}: {beside.title}")
                    take_turn(place, server, arguments, slow.BY_NAME.get(name), beside)
                    redis.empty()
        finally:
            server.stop()
    finally:
        redis.stop()
        progress("")
    if arguments.json:
        print(json.dumps({**about, "beside": {
            name: as_json(beside, results[QUIET]) for name, beside in results.items()}}))
    else:
        print(table_of(results, arguments).text())
    return not any(beside.failures for beside in results.values())


def main() -> int:
    arguments = parse_arguments()
    return run("hostile", ROOT, arguments.build, lambda place: measure(arguments, place),
               "a good client was not answered, or slow ones were not cut: see the table")


if __name__ == "__main__":
    sys.exit(main())
