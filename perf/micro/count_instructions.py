#!/usr/bin/python3
"""Counts, under callgrind, the instructions that the path of one request takes, and compares them
with perf/micro/instructions.json. Fails over the margin. See perf/README.md for the method."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # what is made goes to build/

ROOT = Path(__file__).resolve().parent.parent.parent
STORED = Path(__file__).resolve().with_name("instructions.json")
COUNTED = "sluice::micro::FakeWorker::Turn*"  # what callgrind counts in
MODES = ("one", "token", "hundred", "packed")  # of request_path
# Requests of two runs: what happens once is in both. Multiples of those that differ, 128.
FEW, MANY = 128, 384
SKIPPED = 77
RUN_SECONDS = 250
# The C library picks its memcpy by the processor; so every machine takes the same.
TUNABLES = ("glibc.cpu.hwcaps=-AVX2,-AVX512VL,-AVX_Fast_Unaligned_Load,-ERMS,-EVEX,-RTM"
            ":glibc.cpu.x86_rep_movsb_threshold=1073741824"
            ":glibc.cpu.x86_rep_stosb_threshold=1073741824")


class CountError(Exception):
    """What an operator is told in one line."""


@dataclass(frozen=True)
class Figure:
    per_request: int
    per_record: int


@dataclass(frozen=True)
class Judgement:
    failed: bool
    line: str


def judge(mode: str, now: Figure, stored: Figure | None, margin_percent: float,
          profile: str) -> Judgement:
    figure = f"{mode}: {now.per_request} instructions a request, {now.per_record} a record"
    store = "'perf/micro/count_instructions.py --store'"
    if stored is None:
        return Judgement(True, f"{figure}: none are stored; {store} stores them")
    change = 100 * (now.per_request - stored.per_request) / stored.per_request
    compared = f"{figure}; stored {stored.per_request}: {change:+.1f}%"
    if change > margin_percent:
        return Judgement(True, f"{compared}, over the margin of {margin_percent:g}%. Where: "
                               f"'callgrind_annotate --auto=no {profile}'. If it must be: {store}")
    if change < -margin_percent:
        return Judgement(False, f"{compared}: the stored figure can be lowered: {store}")
    return Judgement(False, compared)


def run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS,
                              check=False, env=os.environ | {"GLIBC_TUNABLES": TUNABLES})
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CountError(f"{command[0]} did not run: {error}") from error
    if done.returncode != 0:
        said = " | ".join(done.stderr.strip().splitlines()[-3:])
        raise CountError(f"'{' '.join(command)}' ended with {done.returncode}: {said}")
    return done.stdout


def count(program: Path, mode: str, requests: int, profile: Path) -> tuple[int, int]:
    """Instructions, and records."""
    said = run(["valgrind", "-q", "--tool=callgrind", f"--toggle-collect={COUNTED}",
                f"--callgrind-out-file={profile}", str(program), mode, str(requests)])
    records = re.search(r"^records (\d+)$", said, re.MULTILINE)
    total = re.search(r"^totals: (\d+)$", profile.read_text(errors="replace"), re.MULTILINE)
    if records is None or total is None or int(total[1]) < requests:
        raise CountError(f"callgrind counted nothing in {COUNTED}: has it another name now?")
    return int(total[1]), int(records[1])


def measure(program: Path, mode: str, profiles: Path) -> Figure:
    with tempfile.TemporaryDirectory(prefix="sluice-micro-") as work:
        few, few_records = count(program, mode, FEW, Path(work) / "few.out")
    many, many_records = count(program, mode, MANY, profiles / f"{mode}.out")
    return Figure(round((many - few) / (MANY - FEW)),
                  round((many - few) / (many_records - few_records)))


def shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/micro/count_instructions.py", description=__doc__)
    parser.add_argument("--store", action="store_true", help="make what is counted the figures")
    parser.add_argument("--build", type=Path, metavar="DIR", default=ROOT / "build",
                        help="where request_path is (build)")
    return parser.parse_args()


def compare(arguments: argparse.Namespace) -> int:
    program = arguments.build.resolve() / "request_path"
    if not program.exists():
        raise CountError(f"{program} is missing; 'make micro' builds it")
    stored = json.loads(STORED.read_text())
    build = run([str(program), "--build"]).strip()
    if build != stored["build"]:
        print(f"count_instructions: skipped: figures are stored for '{stored['build']}', and this "
              f"is '{build}'")
        return SKIPPED
    if shutil.which("valgrind") is None:
        raise CountError("valgrind is missing; 'make micro' installs it")
    profiles = arguments.build.resolve() / "callgrind"
    profiles.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        measured = pool.map(lambda mode: measure(program, mode, profiles), MODES)
        figures = dict(zip(MODES, measured, strict=True))
    if arguments.store:
        stored["modes"] = {name: vars(figure) for name, figure in figures.items()}
        STORED.write_text(json.dumps(stored, indent=2) + "\n")
    failed = False
    for name, figure in figures.items():
        known = stored["modes"].get(name)
        judgement = judge(name, figure, Figure(**known) if known else None,
                          stored["margin_percent"], shown(profiles / f"{name}.out"))
        print(f"count_instructions: {judgement.line}")
        failed = failed or judgement.failed
    return 1 if failed else 0


def main() -> int:
    try:
        return compare(parse_arguments())
    except CountError as error:
        print(f"count_instructions: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
