"""The report of a run: JSON for machines, Markdown for the tree, tables for a terminal, and the
README's part of it between two marks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median as middle

from bench.measured import Measured
from bench.processes import BenchError
from bench.report import measured_as_json
from bench.spread import tidy
from bench.tables import Table, median
from model import limits
from model.check import BatchCheck, Check
from model.costs import Costs, price
from model.limits import Machine
from model.plan import Delivery, Plan
from model.setup import BY_NAME, HOPS, SHAPE_BY_NAME, SHAPES, SINGLE

FORMAT = 1  # goes up when a member changes its meaning
BEGIN, END = "<!-- perf/model.py writes from here -->", "<!-- to here -->"


@dataclass(frozen=True)
class Report:
    about: dict[str, object]
    results: Mapping[str, Measured]
    costs: Costs
    machine: Machine
    delivery: Delivery
    plans: Sequence[Plan]
    others: Sequence[Plan]  # the same rate in other ways
    checks: Sequence[Check]
    batches: Sequence[BatchCheck]


def failures_of(report: Report) -> list[str]:
    return [f"{name}: {failure}" for name, measured in report.results.items()
            for failure in measured.failures]


def count(value: float) -> str:
    return f"{value:,.0f}"


def size(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.3g} {unit}"
        value /= 1000
    raise AssertionError


def cost_table(report: Report) -> Table:
    table = Table("What a record costs: CPU us, by setup", [
        "one gate, one worker, one Redis (TCP)", "gate", "Redis", "generator", "records a batch",
        "records/s", "cores: gate/Redis/generator"])
    for name in (*(shape.name for shape in SHAPES), SINGLE.name):
        measured = report.results[name]
        title = BY_NAME[name].shape.title + (
            "; " + SINGLE.title if name == SINGLE.name else "")
        table.rows.append([title, *(median(measured, f"{each}_us_per_record", 2)
                                    for each in ("gate", "redis", "generator")),
                           median(measured, "batch_records", 1),
                           median(measured, "records_per_second"),
                           "/".join(median(measured, f"{each}_cores", 2)
                                    for each in ("gate", "redis", "generator"))])
    return table


def parts_table(costs: Costs) -> Table:
    table = Table("The same taken apart", [
        "shape", "gate us/request", "us/record", "us/transaction", "Redis us/record",
        "us/transaction", "request, answer: bytes", "to Redis, back: bytes/record",
        "memory bytes/record"])
    for name, of in costs.shapes.items():
        table.rows.append([
            SHAPE_BY_NAME[name].title, f"{costs.request_us:.2f}", f"{of.gate_record_us:.2f}",
            f"{costs.gate_batch_us:.2f}", f"{of.redis_record_us:.2f}",
            f"{costs.redis_batch_us:.2f}",
            f"{count(of.device_in_bytes)}, {count(of.device_out_bytes)}",
            f"{count(of.store_in_bytes)}, {of.store_out_bytes:.1f}", f"{of.memory_bytes:.1f}"])
    return table


def hop_base(name: str) -> str:
    shape, _, hop = name.partition("_")
    return f"{shape}_cluster1" if hop in ("cluster2", "cluster3") else (
        f"{shape}_partitions" if hop == "cluster1" else shape)


def hop_table(report: Report) -> Table:
    table = Table("What a hop adds: CPU us a record, by the difference within a round", [
        "hop", "shape", "gate", "range", "Redis", "range", "of its own", "records a batch"])
    for hop, title in HOPS.items():
        for shape in SHAPES:
            name = f"{shape.name}_{hop}"
            if name not in report.results or hop_base(name) not in report.results:
                continue
            after, before = report.results[name], report.results[hop_base(name)]
            row = [title, shape.name]
            for who in ("gate", "redis"):
                added = sorted(price(after, before, f"{who}_us_per_record"))
                row += [f"{middle(added):+.2f}", f"{added[0]:+.2f} to {added[-1]:+.2f}"]
            own = max(after.median(f"{who}_us_per_record") or 0 for who in ("proxy", "replica"))
            table.rows.append([*row, f"{own:.2f}" if own else "",
                               median(after, "batch_records", 1)])
    table.notes.append("Of its own: the proxy's, or the replica's. A cluster's nodes are held "
                       "against one node, that one against the partitions without a cluster.")
    return table


def check_table(checks: Sequence[Check]) -> Table:
    table = Table("Predicted and measured on this machine", [
        "setup", "records a batch", "gate us: predicted", "measured", "Redis us: predicted",
        "measured", "records/s: predicted", "measured", "ratio", "cores used",
        "full, as predicted"])
    for each in checks:
        table.rows.append([
            f"{each.setup.shape.title}; {each.setup.title}", f"{each.batch:.1f}",
            f"{each.gate_us:.2f}", f"{each.gate_us_measured:.2f}", f"{each.redis_us:.2f}",
            f"{each.redis_us_measured:.2f}", count(each.records_per_second), count(each.measured),
            f"{each.ratio:.2f}", f"{each.cores_used:.2f}", each.limit])
    return table


def batch_table(batches: Sequence[BatchCheck]) -> Table:
    table = Table("Batches at fixed rates, one reading a request: measured and simulated", [
        "of what it reached", "requests/s", "records a batch: measured", "simulated",
        "p99 ms: measured", "simulated"])
    for each in batches:
        table.rows.append([
            f"{each.share:.0%}", count(each.requests_per_second), f"{each.batch:.2f}",
            f"{each.simulated_batch:.2f}", f"{each.p99_us / 1000:.2f}",
            f"{each.simulated_p99_us / 1000:.2f}"])
    return table


def machines_of(plan: Plan, machine: Machine) -> str:
    return f"{plan.redis_hosts:,} x {1 + machine.replicas}"


def plan_table(plans: Sequence[Plan], machine: Machine, title: str) -> Table:
    table = Table(title, [
        "shape", "way", "records/s", "cells", "gate hosts", "primaries", "Redis hosts",
        "records a batch", "p99 ms", "gate, Redis us/record", "Gbit/s to gates, to Redis",
        "memory/s", "next limit"])
    for plan in plans:
        table.rows.append([
            SHAPE_BY_NAME[plan.shape].title, plan.way, count(plan.rate), count(plan.cells),
            count(plan.gates), count(plan.primaries), machines_of(plan, machine),
            f"{plan.batch:.1f}", f"{plan.p99_us / 1000:.1f}",
            f"{plan.gate_us:.2f}, {plan.redis_us:.2f}",
            f"{plan.rate * plan.wire.gate_in * 8e-9:,.1f}, "
            f"{plan.rate * plan.wire.redis_in * 8e-9:,.1f}",
            size(plan.memory_bytes_per_second), plan.next_limit])
    return table


def hosts_table(plans: Sequence[Plan]) -> Table:
    names = list(limits.REMEDIES)
    table = Table("Hosts that each limit asks for", ["shape", "records/s", *names, "next", ""])
    for plan in plans:
        table.rows.append([plan.shape, count(plan.rate),
                           *(count(plan.hosts[name]) for name in names), plan.next_limit,
                           limits.REMEDIES[plan.next_limit]])
    return table


def assumptions(machine: Machine) -> str:
    return (f"Assumed: gate hosts of {machine.gate_cores} cores; Redis hosts of "
            f"{machine.redis_memory_gib:g} GiB with {machine.primaries_a_host} primaries, each "
            f"with {machine.replicas} on other hosts to stand in; cards of {machine.nic_gbit:g} "
            f"Gbit/s; {machine.round_trip_us:g} us between gate and Redis; "
            f"{machine.retention_s:g} s kept; p99 within {machine.p99_ms:g} ms; "
            f"{machine.core_share:.0%} of cores, {machine.nic_share:.0%} of cards and "
            f"{machine.memory_share:.0%} of memory used; cores as quick as those measured.")


def tables_of(report: Report) -> list[Table]:
    tables = [plan_table(report.plans, report.machine, "Plans"), hosts_table(report.plans)]
    if report.others:
        tables.append(plan_table(report.others, report.machine, "The same rate in other ways"))
    tables += [cost_table(report), parts_table(report.costs), hop_table(report),
               check_table(report.checks)]
    return tables + ([batch_table(report.batches)] if report.batches else [])


def introduction(report: Report) -> str:
    machine, settings, commit = (report.about[name] for name in ("machine", "settings", "commit"))
    assert isinstance(machine, dict) and isinstance(settings, dict) and isinstance(commit, dict)
    changed = ", with changes" if commit["changed"] else ""
    return (f"{report.about['date']}, commit {str(commit['id'])[:12]}{changed}. {machine['cores']} "
            f"cores ({machine['cpu']}), load {machine['load_before']} before; "
            f"{settings['rounds']} rounds of {settings['seconds']:g} s in turns, medians. Load "
            "generator, Redis, proxy and gate share the machine."
            + "".join(f" **Failed: {failure}.**" for failure in failures_of(report)))


def readme_part(report: Report, data: str) -> str:
    """The README's lines: the plans without their working."""
    machine = report.machine
    lines = [BEGIN, "", "| records/s | a request is | gate hosts: by cores, by cards | primaries | "
             "Redis hosts: by threads, by cards, by memory | memory/s | "
             "gate, Redis: us/record | next limit |", "|---:|---|---:|---:|---:|---:|---:|---|"]
    for plan in sorted(report.plans, key=lambda plan: plan.rate):
        of = plan.hosts
        lines.append(
            f"| {count(plan.rate)} | {SHAPE_BY_NAME[plan.shape].title} | "
            f"{of[limits.GATE_CORES]:,}, {of[limits.GATE_NIC]:,} | {plan.primaries:,} | "
            f"{of[limits.REDIS_CORES]:,}, {of[limits.REDIS_NIC]:,}, {of[limits.REDIS_MEMORY]:,} | "
            f"{size(plan.memory_bytes_per_second)} | {plan.gate_us:.2f}, {plan.redis_us:.2f} | "
            f"{plan.next_limit} |")
    again = (f" Redis hosts are those of the primaries: {1 + machine.replicas} times as many with "
             "replicas." if machine.replicas else "")
    return "\n".join([*lines, "", assumptions(machine) + again + checked(report.checks)
                      + f" Whole, with each hop's price: [{data}]({data}).", "", END])


def checked(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    ratios = sorted(each.ratio for each in checks)
    return (f" On the machine that it was measured on {len(ratios)} setups of 1 and 2 workers and "
            f"1 to 3 nodes came to {ratios[0]:.2f} to {ratios[-1]:.2f} of the records/s that the "
            "costs predict there.")


def write_readme(path: Path, part: str) -> None:
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{path.name} has no lines to be written: '{BEGIN}' to '{END}'")
    path.write_text(before + part + after)


def rounded(value: object) -> object:
    if isinstance(value, float):
        return tidy(value)
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, (list, tuple)) else value


def as_json(report: Report, seen: list[dict[str, float]]) -> dict[str, object]:
    def plan(each: Plan) -> object:
        return rounded(asdict(each) | {"next_limit": each.next_limit,
                                       "redis_hosts": each.redis_hosts})

    return {"format": FORMAT, **report.about, "assumed": asdict(report.machine),
            "delivery": asdict(report.delivery), "costs": rounded(report.costs.as_json()),
            "plans": [plan(each) for each in report.plans],
            "others": [plan(each) for each in report.others],
            "checks": [rounded(asdict(each) | {"setup": each.setup.name, "ratio": each.ratio})
                       for each in report.checks],
            "batches": rounded([asdict(each) for each in report.batches]),
            "open_loop": rounded(seen),
            "setups": {name: measured_as_json(each) for name, each in report.results.items()}}


def as_text(report: Report) -> str:
    return "\n\n".join([introduction(report), *(t.text() for t in reversed(tables_of(report))),
                        assumptions(report.machine)])


def write_files(directory: Path, whole: dict[str, object], report: Report) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    name = f"model-{str(report.about['date'])[:10]}"
    data, text = directory / f"{name}.json", directory / f"{name}.md"
    data.write_text(json.dumps(whole, indent=1) + "\n")
    parts = ["# Results of `make model`", introduction(report), assumptions(report.machine),
             "What the columns mean: [perf/README.md](../README.md).",
             f"![predicted and measured; batches by load; primaries by rate]({name}.svg)",
             *(table.markdown() for table in tables_of(report))]
    text.write_text("\n\n".join(parts) + "\n")
    return [data, text]
