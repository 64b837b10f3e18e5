"""What sluice is to reach on two cores, and whether this run shows it."""

from bench.measured import Measured

Results = dict[str, dict[str, Measured]]  # by workload, then by system

CPU_TO_FLOOR = 1.10
CPU_US_PER_RECORD = 0.25
RECORDS_TO_BENCHMARK = 0.90
PACKED_RECORDS_PER_SECOND = 3_000_000
OPEN_P99_US = 1000
OPEN_P999_US = 5000
CALLS_EACH_WAY = 1.0
CALLS_TOLERANCE = 0.02  # a device's connecting and leaving, and a request that came in two reads
IDLE_BYTES = 1024


def line(text: str, bound: str, value: float | None, shown: str, holds: bool) -> dict[str, object]:
    if value is None:
        return {"target": text, "bound": bound, "measured": None, "shown": "-",
                "result": "not measured"}
    return {"target": text, "bound": bound, "measured": round(value, 4), "shown": shown,
            "result": "pass" if holds else "miss"}


def at_most(text: str, value: float | None, most: float, unit: str) -> dict[str, object]:
    shown = f"{value or 0:.2f}{unit}"
    return line(text, f"at most {most:g}{unit}", value, shown, value is not None and value <= most)


def to_floor(text: str, measured: Measured | None) -> dict[str, object]:
    """By the median of the rounds, beside how far these are apart."""
    spread = measured.figures.get("server_us_to_floor") if measured else None
    each = at_most(text, spread.median if spread else None, CPU_TO_FLOOR, "")
    if spread:
        each["shown"] = f"{each['shown']} ({min(spread.rounds):.2f} to {max(spread.rounds):.2f})"
    return each


def median_of(results: Results, workload: str, system: str, figure: str) -> float | None:
    measured = results.get(workload, {}).get(system)
    return measured.median(figure) if measured else None


def cpu_lines(results: Results) -> list[dict[str, object]]:
    lines = []
    for workload, connections in (("one_64", 64), ("one_256", 256)):
        what = f"one reading, {connections} connections: server CPU a request"
        lines.append(to_floor(f"{what}, to the floor's",
                              results.get(workload, {}).get("sluice")))
        ours = median_of(results, workload, "sluice", "server_us_per_request")
        nginx = median_of(results, workload, "nginx", "server_us_per_request")
        both = ours is not None and nginx is not None
        bound = f"less than {nginx:.2f} us" if nginx is not None else "less than nginx's"
        lines.append(line(f"{what}, beside nginx's `return 200`", bound, ours if both else None,
                          f"{ours or 0:.2f} us", both and (ours or 0) < (nginx or 0)))
    return lines


def record_lines(results: Results) -> list[dict[str, object]]:
    ratio = median_of(results, "hundred", "sluice", "records_to_benchmark")
    return [
        at_most("100 readings: sluice CPU a record",
                median_of(results, "hundred", "sluice", "server_us_per_record"),
                CPU_US_PER_RECORD, " us"),
        line("100 readings: records/s, to `redis-benchmark -P 512`",
             f"at least {RECORDS_TO_BENCHMARK:g}", ratio, f"{ratio or 0:.2f}",
             ratio is not None and ratio >= RECORDS_TO_BENCHMARK),
        packed_line(results),
    ]


def packed_line(results: Results) -> dict[str, object]:
    value = median_of(results, "packed", "sluice", "records_per_second")
    return line("packed, 1,000 readings a request: records/s stored and acknowledged",
                f"at least {PACKED_RECORDS_PER_SECOND:,}", value, f"{value or 0:,.0f}",
                value is not None and value >= PACKED_RECORDS_PER_SECOND)


def half_of(results: Results, workload: str, system: str) -> dict[str, float] | None:
    """What an open loop saw at half of the system's own maximum."""
    measured = results.get(workload, {}).get(system)
    open_loop = measured.open_loop if measured else []
    return next((at for at in open_loop if at["percent"] == 50), None)


def latency_lines(results: Results) -> list[dict[str, object]]:
    """Beside each what a constant answer reached in the same run. It is not judged by that, but a
    machine that does not give the floor its time does not give it to sluice either."""
    sluice, floor = (half_of(results, "one_256", name) for name in ("sluice", "floor"))
    lines = []
    for name, most in (("p99", OPEN_P99_US), ("p99.9", OPEN_P999_US)):
        each = at_most(f"one reading, 256 connections: open loop at half the maximum, {name}",
                       sluice[f"{name}_us"] / 1000 if sluice else None, most / 1000, " ms")
        if sluice and floor:
            each["shown"] = f"{each['shown']} (floor: {floor[f'{name}_us'] / 1000:.2f} ms)"
        lines.append(each)
    return lines


def call_lines(calls: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    sluice = calls.get("sluice", {})
    lines = []
    for name, what in (("device_reads", "reads"), ("device_writes", "writes")):
        value = sluice.get(name)
        number = float(value) if isinstance(value, (int, float)) else None
        holds = number is not None and number <= CALLS_EACH_WAY + CALLS_TOLERANCE
        lines.append(line(f"system calls a request: {what} of a device's connection",
                          f"{CALLS_EACH_WAY:g}, within {CALLS_TOLERANCE:.0%}", number,
                          f"{number or 0:.3f}", holds))
    return lines


def idle_line(idle: dict[str, object]) -> dict[str, object]:
    bytes_each = idle.get("bytes_a_connection")
    number = float(bytes_each) if isinstance(bytes_each, (int, float)) else None
    count = idle.get("connections", 0)
    wanted = idle.get("wanted", count)
    fewer = (f" (and not {wanted:,}: a process may have {idle.get('descriptors', 0):,} descriptors)"
             if count != wanted else "")
    return line(f"{count:,} idle keep-alive connections{fewer}: user memory of each",
                f"at most {IDLE_BYTES:,} bytes", number, f"{number or 0:,.0f} bytes",
                number is not None and number <= IDLE_BYTES)


def judge(results: Results, calls: dict[str, dict[str, object]],
          idle: dict[str, object]) -> list[dict[str, object]]:
    return [*cpu_lines(results), *record_lines(results), *latency_lines(results),
            *call_lines(calls), idle_line(idle)]
