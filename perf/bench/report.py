"""The report of a run: JSON for machines, Markdown for the tree, tables for a terminal."""

import json
import statistics
from pathlib import Path

from bench.measured import Measured
from bench.spread import tidy
from bench.tables import COLUMNS, Table, all_tables, systems_table
from bench.targets import Results, judge
from bench.workloads import BY_NAME

FORMAT = 1  # goes up when a member changes its meaning


def measured_as_json(measured: Measured) -> dict[str, object]:
    return {name: spread.as_json() for name, spread in measured.figures.items()} | {
        "answers": measured.answers, "refused": measured.refused,
        "acknowledged": measured.acknowledged, "stored": measured.stored,
        "peak_rss_bytes": measured.peak_rss_bytes, "failures": measured.failures,
        "open_loop": [{name: tidy(value) for name, value in at.items()}
                      for at in measured.open_loop]}


def make_report(about: dict[str, object], results: Results, calls: dict[str, dict[str, object]],
                idle: dict[str, object]) -> dict[str, object]:
    workloads = []
    for name, systems in results.items():
        workload = BY_NAME[name]
        workloads.append({
            "name": name, "title": workload.title, "connections": workload.connections,
            "records_a_request": workload.records, "workers": workload.workers,
            "systems": {system: measured_as_json(each) for system, each in systems.items()}})
    return {"format": FORMAT, **about, "targets": judge(results, calls, idle),
            "workloads": workloads, "system_calls": calls, "idle": idle}


def steal_of(report: dict[str, object]) -> str:
    """How far the machine was not ours, over all turns of all systems."""
    workloads = report["workloads"]
    assert isinstance(workloads, list)
    shares = [share for workload in workloads for each in workload["systems"].values()
              if "machine_steal" in each for share in each["machine_steal"]["rounds"]]
    if not shares:
        return ""
    return (" The host gave other machines "
            f"{statistics.median(shares):.1%} of the CPU time (steal) in the median turn, "
            f"{max(shares):.1%} in the worst.")


def introduction(report: dict[str, object]) -> str:
    machine, settings, commit = report["machine"], report["settings"], report["commit"]
    versions = report["versions"]
    assert isinstance(machine, dict) and isinstance(settings, dict)
    assert isinstance(commit, dict) and isinstance(versions, dict)
    changed = ", with changes" if commit["changed"] else ""
    return (f"{report['date']}, commit {str(commit['id'])[:12]}{changed}. {machine['cores']} cores "
            f"({machine['cpu']}), {machine['memory_gib']} GiB, {machine['kernel']}; "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + f". {settings['rounds']} rounds of {settings['seconds']:g} s; medians, and the least "
              "and the most of the rounds. Load generator, Redis and server share the machine."
            + steal_of(report))


def tables_of(report: dict[str, object], results: Results,
              calls: dict[str, dict[str, object]]) -> list[Table]:
    targets = report["targets"]
    assert isinstance(targets, list)
    return all_tables(results, targets, calls)


def systems_of(report: dict[str, object]) -> list[str]:
    workloads = report["workloads"]
    assert isinstance(workloads, list)
    return list(dict.fromkeys(name for workload in workloads for name in workload["systems"]))


def as_text(report: dict[str, object], tables: list[Table]) -> str:
    # What is judged comes last, where it stays on the screen.
    return "\n\n".join([introduction(report), *(t.text() for t in tables[1:]), tables[0].text()])


def as_markdown(report: dict[str, object], tables: list[Table]) -> str:
    parts = ["# Results of `make bench`", introduction(report),
             "What the columns mean: [perf/README.md](../README.md)."]
    tables = [tables[0], systems_table(systems_of(report)), COLUMNS, *tables[1:]]
    return "\n\n".join([*parts, *(table.markdown() for table in tables)]) + "\n"


def write_files(directory: Path, report: dict[str, object], tables: list[Table]) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    day = str(report["date"])[:10]
    data, text = directory / f"{day}.json", directory / f"{day}.md"
    data.write_text(json.dumps(report, indent=1) + "\n")
    text.write_text(as_markdown(report, tables))
    return [data, text]
