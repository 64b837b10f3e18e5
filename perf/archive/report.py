"""What the archive's benchmark found: tables, JSON and Markdown."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from archive.measuring import RATE, RATIO, SYSTEMS
from bench import tables
from bench.measured import Measured
from bench.tables import NONE, Table

FORMAT = 1  # goes up when a member changes its meaning
Results = dict[str, Measured]  # by system


@dataclass(frozen=True)
class Found:
    """Of one database."""

    title: str
    version: str
    systems: Results

    @property
    def failed(self) -> bool:
        return any(measured.failures for measured in self.systems.values())


def remark(measured: Measured) -> str:
    if not measured.failures:
        return ""
    return "**failed: " + measured.failures[0].replace("|", "/") + "**"


def cores(measured: Measured) -> str:
    names = ("writer_cores", "database_cores", "redis_cores")
    return "/".join(tables.median(measured, name, 2) for name in names)


def table_of(found: Found, rounds: int) -> Table:
    table = Table(f"{found.title} {found.version}",
                  ["", "rows/s", *(["least-most"] if rounds > 1 else []), "to row by row",
                   "writer us/row", "database us/row", "Redis us/row", "cores", ""])
    for name, measured in found.systems.items():
        ratio = tables.median(measured, RATIO, 1)
        table.rows.append([
            SYSTEMS[name].title, tables.median(measured, RATE),
            *([tables.range_of(measured, RATE)] if rounds > 1 else []),
            ratio if ratio == NONE else f"{ratio}x",
            tables.median(measured, "writer_us_per_row", 1),
            tables.median(measured, "database_us_per_row", 1),
            tables.median(measured, "redis_us_per_row", 1), cores(measured), remark(measured)])
    return table


def as_json(about: dict[str, object], found: dict[str, Found]) -> dict[str, object]:
    return {"format": FORMAT, **about, "databases": [
        {"name": name, "title": each.title, "version": each.version,
         "systems": {system: {figure: spread.as_json()
                              for figure, spread in measured.figures.items()}
                     | {"stored": measured.stored, "failures": measured.failures}
                     for system, measured in each.systems.items()}}
        for name, each in found.items()]}


def steal_of(found: dict[str, Found]) -> str:
    shares = [share for each in found.values() for measured in each.systems.values()
              if "machine_steal" in measured.figures
              for share in measured.figures["machine_steal"].rounds]
    if not shares:
        return ""
    return (f" The host gave other machines {median(shares):.1%} of the CPU time (steal) in the "
            f"median turn, {max(shares):.1%} in the worst.")


def introduction(about: dict[str, object], found: dict[str, Found]) -> str:
    machine, settings, commit = about["machine"], about["settings"], about["commit"]
    versions, syncs = about["versions"], about["syncs_per_second"]
    assert isinstance(machine, dict) and isinstance(settings, dict) and isinstance(commit, dict)
    assert isinstance(versions, dict) and isinstance(syncs, float)
    changed = ", with changes" if commit["changed"] else ""
    rounds = f"{settings['rounds']} round{'s' if settings['rounds'] > 1 else ''}"
    return (f"{about['date']}, commit {str(commit['id'])[:12]}{changed}. {machine['cores']} cores "
            f"({machine['cpu']}), {machine['memory_gib']} GiB, {machine['kernel']}; "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + f". {settings['rows']:,} answers of questionnaires, {rounds}. The disk takes "
              f"{syncs:,.0f} fdatasync a second, one after the other. Writer, database and Redis "
              "share the machine." + steal_of(found))


def as_text(opening: str, found: list[Table]) -> str:
    return "\n\n".join([opening, *(table.text() for table in found)])


def write_files(directory: Path, whole: dict[str, object], opening: str,
                found: list[Table]) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    name = f"archive-{str(whole['date'])[:10]}"
    data, text = directory / f"{name}.json", directory / f"{name}.md"
    data.write_text(json.dumps(whole, indent=1) + "\n")
    parts = ["# Results of `make bench-archive`", opening,
             "What the columns mean: [perf/README.md](../README.md).",
             *(table.markdown() for table in found)]
    text.write_text("\n\n".join(parts) + "\n")
    return [data, text]
