"""The load generators: wrk (closed loop), bulk (open loop) and redis-benchmark. Each is run once
and what it printed is read."""

import csv
from dataclasses import dataclass
from pathlib import Path

from bench.processes import BenchError, run_program
from bench.systems import Place
from bench.workloads import Workload

MARGIN_SECONDS = 60.0  # beyond its own time a generator that has not ended is stuck
BENCHMARK_RECORDS_A_SECOND = 800_000  # so that its run is about as long as the others'


@dataclass(frozen=True)
class Load:
    """What a generator saw."""

    seconds: float
    answers: int
    refused: int  # answers other than 2xx
    records: int  # acknowledged with 2xx
    cores: float  # of the generator itself
    latency_us: dict[str, float]  # by percentile: p50, p99, p99.9
    trouble: str = ""
    in_line: int = 0  # due, and never sent
    answer_bytes: int = 0  # of all answers, where wrk has read them


def read_numbers(text: str, separator: str) -> dict[str, float]:
    """Of lines such as `name: 12` those that are a name and a number."""
    numbers = {}
    for line in text.splitlines():
        name, found, value = line.partition(separator)
        try:
            if found:
                numbers[name] = float(value)
        except ValueError:
            continue
    return numbers


def run_wrk(place: Place, workload: Workload, address: str, seconds: float) -> Load:
    """`address` may be a URL, as of a server with TLS."""
    script = place.root / "perf" / "wrk" / f"{workload.script}.lua"
    url = address if "://" in address else f"http://{address}"
    output, cpu_seconds = run_program(
        ["wrk", f"-t{workload.workers}", f"-c{workload.connections}", f"-d{seconds:.0f}s",
         "-s", str(script), url, "--", str(workload.argument)],
        seconds + MARGIN_SECONDS)
    seen = read_numbers(output, ": ")
    if "duration_us" not in seen:
        raise BenchError(f"wrk said nothing of {script.name}: {output.strip()}")
    duration = seen["duration_us"] / 1e6
    latency = {}
    # wrk's percentiles of pipelined requests are those of no request.
    if workload.depth == 1:
        latency = {p: seen[f"closed_loop_{p}_us"] for p in ("p50", "p99", "p99.9")}
    errors = int(seen["socket_errors"])
    return Load(duration, int(seen["answers"]), int(seen["non-2xx"]), int(seen["records"]),
                cpu_seconds / duration, latency, f"{errors} socket errors" if errors else "",
                answer_bytes=int(seen["answer_bytes"]))


def run_bulk(place: Place, workload: Workload, address: str, seconds: float, rate: float) -> Load:
    output, _ = run_program(
        [str(place.build / "bulk"), "--http", address, "--rate", f"{rate:.1f}",
         "--connections", str(workload.connections), "--readings", str(workload.records),
         "--seconds", f"{seconds:.1f}"],
        seconds + MARGIN_SECONDS)
    seen = read_numbers(output, " ")
    stored = int(seen["answered_200"])
    refused = int(seen["answered_503"] + seen["answered_other"])
    unanswered = int(seen["unanswered"])
    return Load(seen["seconds"], stored + refused, refused, stored * workload.records,
                seen["cores"],
                {p: seen[f"stored_{p}_us"] for p in ("p50", "p99", "p99.9")},
                f"{unanswered} requests never answered" if unanswered else "",
                int(seen["in_line"]))


def run_redis_benchmark(redis_socket: Path, seconds: float) -> Load:
    """The same XADDs as a request's readings become, with nothing in between."""
    count = max(int(seconds * BENCHMARK_RECORDS_A_SECOND), 100_000)
    output, cpu_seconds = run_program(
        ["redis-benchmark", "-s", str(redis_socket), "-P", "512", "-n", str(count), "--csv",
         "XADD", "vitals", "*", "device_id", "dev-000123", "timestamp", "1767225600000",
         "heart_rate", "72.5", "blood_oxygen", "98"], MARGIN_SECONDS + seconds)
    rows = list(csv.reader(output.splitlines()))
    try:
        rate = float(rows[-1][1])
    except (IndexError, ValueError) as error:
        raise BenchError(f"redis-benchmark printed no rate: {output.strip()}") from error
    duration = count / rate
    return Load(duration, count, 0, count, cpu_seconds / duration, {})
