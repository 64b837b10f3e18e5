"""The results as tables: a title, a head and rows of text, to be laid out for a terminal or as
Markdown."""

from dataclasses import dataclass, field

from bench.measured import REDIS_BENCHMARK, Measured
from bench.systems import BY_NAME
from bench.targets import Results
from bench.workloads import BY_NAME as WORKLOAD_BY_NAME
from bench.workloads import Workload

NONE = "-"


@dataclass
class Table:
    title: str
    head: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", "| " + " | ".join(self.head) + " |",
                 "|---|" + "---:|" * (len(self.head) - 2) + "---|"]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        lines += [f"\n{note}" for note in self.notes]
        return "\n".join(lines)

    def text(self) -> str:
        """Aligned: the first and last columns to the left, numbers to the right."""
        plain = [[cell.replace("**", "") for cell in row] for row in [self.head, *self.rows]]
        widths = [max(len(row[i]) for row in plain) for i in range(len(self.head))]
        lines = [self.title]
        for row in plain:
            cells = [f"{cell:<{width}}" if i in (0, len(row) - 1) else f"{cell:>{width}}"
                     for i, (cell, width) in enumerate(zip(row, widths))]
            lines.append("  " + "  ".join(cells).rstrip())
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def name_of(name: str) -> str:
    return "redis-benchmark" if name == REDIS_BENCHMARK else name


def median(measured: Measured, name: str, digits: int = 0) -> str:
    value = measured.median(name)
    return NONE if value is None else f"{value:,.{digits}f}"


def range_of(measured: Measured, name: str, digits: int = 0) -> str:
    if name not in measured.figures:
        return NONE
    rounds = measured.figures[name].rounds
    return f"{min(rounds):,.{digits}f}-{max(rounds):,.{digits}f}"


def cores(measured: Measured) -> str:
    names = ("server_cores", "redis_cores", "wrk_cores")
    if "generator_cores" in measured.figures:
        names = ("server_cores", "redis_cores", "generator_cores")
    return "/".join(median(measured, name, 2) for name in names)


def percentiles(at: dict[str, float] | None) -> str:
    if at is None:
        return NONE
    return "/".join(f"{at[f'{name}_us'] / 1000:.2f}" for name in ("p50", "p99", "p99.9"))


def half_of(measured: Measured) -> dict[str, float] | None:
    return next((at for at in measured.open_loop if at["percent"] == 50), None)


def closed(measured: Measured) -> str:
    """Only beside what an open loop saw: alone it flatters a server that stalls."""
    if half_of(measured) is None or "closed_loop_p50_us" not in measured.figures:
        return NONE
    return percentiles({f"{name}_us": measured.figures[f"closed_loop_{name}_us"].median
                        for name in ("p50", "p99", "p99.9")})


def workload_table(workload: Workload, results: dict[str, Measured]) -> Table:
    many = workload.records > 1
    head = ["system", "req/s", "least-most"]
    head += ["records/s"] if many else []
    head += ["/floor", "us/req", "least-most", "/floor", "least-most", "Redis us/req"]
    head += ["us/record", "Redis us/record"] if many else []
    head += ["cores", "MiB", "open loop ms", "closed loop ms", ""]
    table = Table(workload.title, head)
    for name, measured in results.items():
        rss = measured.peak_rss_bytes
        row = [name_of(name), median(measured, "requests_per_second"),
               range_of(measured, "requests_per_second")]
        row += [median(measured, "records_per_second")] if many else []
        row += [median(measured, "requests_to_floor", 2),
                median(measured, "server_us_per_request", 2),
                range_of(measured, "server_us_per_request", 2),
                median(measured, "server_us_to_floor", 2),
                range_of(measured, "server_us_to_floor", 2),
                median(measured, "redis_us_per_request", 2)]
        row += ([median(measured, "server_us_per_record", 3),
                 median(measured, "redis_us_per_record", 3)] if many else [])
        row += [cores(measured), f"{rss / 2**20:.0f}" if rss else NONE,
                percentiles(half_of(measured)), closed(measured), remark(workload, measured)]
        table.rows.append(row)
    return table


def remark(workload: Workload, measured: Measured) -> str:
    if not measured.failures:
        is_news = measured.refused > 0 and workload.bad_percent == 0
        return f"{measured.refused / measured.answers:.1%} refused" if is_news else ""
    more = len(measured.failures) - 1
    text = measured.failures[0].replace("|", "/")
    return f"**failed: {text}" + (f" (and {more} more)" if more else "") + "**"


def latency_table(name: str, results: dict[str, Measured]) -> Table:
    table = Table(f"latency at fixed rates: {WORKLOAD_BY_NAME[name].title}",
                  ["system", "of its maximum", "offered/s", "answered/s",
                   "p50/p99/p99.9 ms", "p99 least-most", ""],
                  notes=["A latency runs from when a request was due. Rates are of the median "
                         "that wrk reached with the same connections. Of several runs: medians."])
    for system, measured in results.items():
        for at in measured.open_loop:
            line = f"{at['in_line']:,.0f} never sent" if at["in_line"] else ""
            table.rows.append([name_of(system), f"{at['percent']:.0f}%",
                               f"{at['offered_per_second']:,.0f}",
                               f"{at['answered_per_second']:,.0f}", percentiles(at),
                               f"{at['p99_us_least'] / 1000:.2f}-{at['p99_us_most'] / 1000:.2f}",
                               line])
    return table


def target_table(targets: list[dict[str, object]]) -> Table:
    table = Table("targets", ["target", "bound", "measured", "result"])
    for each in targets:
        result = str(each["result"])
        table.rows.append([str(each["target"]), str(each["bound"]), str(each["shown"]),
                           f"**{result}**" if result == "miss" else result])
    return table


def calls_table(calls: dict[str, dict[str, object]]) -> Table:
    table = Table("system calls a request (one reading a request, 64 connections, under strace)",
                  ["system", "reads of the device", "writes to it", "shared", "shared, by name"])
    for name, counted in calls.items():
        if "not_counted" in counted:
            table.rows.append([name_of(name), NONE, NONE, NONE, str(counted["not_counted"])])
            continue
        by_name = counted["shared_by_name"]
        assert isinstance(by_name, dict)
        table.rows.append([name_of(name), f"{counted['device_reads']:.3f}",
                           f"{counted['device_writes']:.3f}", f"{counted['shared']:.3f}",
                           ", ".join(f"{call} {share:.3f}" for call, share in by_name.items())])
    return table


def systems_table(names: list[str]) -> Table:
    table = Table("systems", ["system", "is"])
    for name in names:
        table.rows.append([name_of(name), "`redis-benchmark -P 512` with the same XADD, no server"
                           if name == REDIS_BENCHMARK else BY_NAME[name].title])
    return table


COLUMNS = Table("columns", ["column", "is"], [
    ["req/s", "answers that were right, a second, as wrk counted; least and most of the rounds; "
              "refusals are not counted"],
    ["/floor", "to the floor of the same round; median"],
    ["us/req, us/record", "CPU time (user and system) of the server and all its processes"],
    ["Redis us/req", "the same of redis-server"],
    ["cores", "CPU seconds a second: server/Redis/load generator"],
    ["MiB", "sum of the peaks of resident memory of its processes"],
    ["open loop ms", "p50/p99/p99.9 at half of req/s, from when a request was due: one run, but "
                     "medians of five at 256 connections"],
    ["closed loop ms", "the same as wrk saw it, which sends when it is answered: a stall delays "
                       "its own measurement, so it is shown beside the open loop only"],
])


def all_tables(results: Results, targets: list[dict[str, object]],
               calls: dict[str, dict[str, object]]) -> list[Table]:
    tables = [target_table(targets)]
    for name, systems in results.items():
        tables.append(workload_table(WORKLOAD_BY_NAME[name], systems))
        if any(len(measured.open_loop) > 1 for measured in systems.values()):
            tables.append(latency_table(name, systems))
    if calls:
        tables.append(calls_table(calls))
    return tables
