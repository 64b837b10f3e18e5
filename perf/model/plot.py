"""Three panels: what was predicted and what was measured; how batches and waits grow as a primary
fills, by its lanes; how many primaries a rate takes."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")  # no screen
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from model.costs import Costs  # noqa: E402
from model.lanes import Node, simulate  # noqa: E402
from model.report import Report  # noqa: E402
from model.setup import SHAPE_BY_NAME  # noqa: E402

LANES = (1, 16, 128)
LOADS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of what the records alone allow
COLOURS = {"one": "tab:blue", "hundred": "tab:orange", "packed": "tab:green"}


def draw_checks(axes: Axes, report: Report) -> None:
    points = [(each.records_per_second, each.measured, each.setup.shape.name)
              for each in report.checks]
    for name, colour in COLOURS.items():
        mine = [(x, y) for x, y, shape in points if shape == name]
        axes.scatter([x for x, _ in mine], [y for _, y in mine], color=colour,
                     label=SHAPE_BY_NAME[name].title.replace("`", ""))
    ends = (min(min(x, y) for x, y, _ in points), max(max(x, y) for x, y, _ in points))
    axes.plot(ends, ends, color="grey", lw=1, ls="--")
    axes.set(xscale="log", yscale="log", xlabel="records/s, predicted",
             ylabel="records/s, measured", title="1 and 2 workers, 1 to 3 nodes")
    axes.legend(fontsize=7)


def node_at(costs: Costs, report: Report, lanes: int, load: float) -> Node:
    of = costs.shapes["one"]
    return Node(lanes, load * 1e6 / max(of.redis_record_us, 0.01), 1,
                redis_record_us=of.redis_record_us, redis_batch_us=costs.redis_batch_us,
                round_trip_us=report.machine.round_trip_us, window=report.delivery.window,
                batch_records_max=report.delivery.batch_records_max)


def draw_batches(axes: Axes, report: Report) -> None:
    """The gates' own time left out, so that it is a primary's picture."""
    second = axes.twinx()
    for lanes, colour in zip(LANES, ("tab:blue", "tab:orange", "tab:green")):
        seen = [simulate(node_at(report.costs, report, lanes, load), 12_000) for load in LOADS]
        axes.plot(LOADS, [each.batch_records for each in seen], color=colour,
                  label="1 lane" if lanes == 1 else f"{lanes} lanes")
        second.plot(LOADS, [each.p99_us / 1000 for each in seen], color=colour, ls=":")
    axes.set(yscale="log", xlabel="rate, to what a primary's records alone allow",
             ylabel="records a batch", title="a primary as it fills: batches, p99 (dotted)")
    second.set(yscale="log", ylabel="p99 ms")
    axes.legend(fontsize=7, loc="upper left")


def draw_plans(axes: Axes, report: Report) -> None:
    for name, colour in COLOURS.items():
        mine = sorted((plan.rate, plan.primaries) for plan in report.plans if plan.shape == name)
        axes.plot([x for x, _ in mine], [y for _, y in mine], "o-", color=colour,
                  label=SHAPE_BY_NAME[name].title.replace("`", ""))
    axes.set(xscale="log", yscale="log", xlabel="records/s", ylabel="primaries", title="plans")
    axes.legend(fontsize=7)


def draw(directory: Path, report: Report) -> Path:
    plt.rcParams["svg.hashsalt"] = "sluice"  # the same figures make the same file
    figure, panels = plt.subplots(1, 3, figsize=(14, 4.2))
    for axes, draw_panel in zip(panels, (draw_checks, draw_batches, draw_plans)):
        draw_panel(axes, report)
        axes.title.set_fontsize(9)
        axes.grid(True, which="both", alpha=0.25)
    figure.tight_layout()
    path = directory / f"model-{str(report.about['date'])[:10]}.svg"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path
