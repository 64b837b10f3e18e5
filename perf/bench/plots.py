"""The report's plots as SVG, of names that stay the same from run to run. Colours are of middle
lightness and the ground is clear, so that they can be read on a light page and on a dark one."""

import io
from pathlib import Path
from typing import Any

INK = "#7d8590"
COLOURS = {
    "floor": "#8c959f", "nginx": "#2da44e", "sluice": "#e8590c", "go_request": "#3b82f6",
    "go_buffered": "#8b5cf6", "node": "#d4a72c", "nginx_lua": "#14b8a6",
}
SIZE = (7.2, 3.8)  # inches, of 72 points
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text: small, and in the reader's font
    "svg.hashsalt": "sluice",  # the same figures give the same file
    "font.size": 9, "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK,
    "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
    "grid.color": INK, "grid.alpha": 0.25, "grid.linewidth": 0.6, "legend.frameon": False,
}

Systems = dict[str, Any]  # a workload's results, as in the JSON


def workload_of(report: dict[str, Any], name: str) -> Systems:
    for workload in report["workloads"]:
        if workload["name"] == name:
            return {system: each for system, each in workload["systems"].items()
                    if system in COLOURS}
    return {}


def line_style(system: str) -> dict[str, Any]:
    return {"color": COLOURS[system], "linewidth": 2.4 if system == "sluice" else 1.4,
            "marker": "o", "markersize": 4}


def plain_ticks(axis: Any, values: list[int]) -> None:
    from matplotlib.ticker import NullLocator
    axis.set_ticks(values, [f"{value:,}" for value in values])
    axis.set_minor_locator(NullLocator())


def plot_throughput(axes: Any, report: dict[str, Any]) -> bool:
    lines: dict[str, list[tuple[int, dict[str, float]]]] = {}
    at = {"one_64": 64, "one_256": 256, "one_1024": 1024}
    for name, connections in at.items():
        for system, each in workload_of(report, name).items():
            if "requests_per_second" in each:
                lines.setdefault(system, []).append((connections, each["requests_per_second"]))
    for system, points in lines.items():
        middle = [figure["median"] for _, figure in points]
        spread = [[figure["median"] - figure["min"] for _, figure in points],
                  [figure["max"] - figure["median"] for _, figure in points]]
        axes.errorbar([connections for connections, _ in points], middle, yerr=spread, capsize=2,
                      label=system, **line_style(system))
    axes.set_xscale("log", base=2)
    plain_ticks(axes.xaxis, list(at.values()))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("keep-alive connections")
    axes.set_title("requests/s, one reading a request (median, least and most)", fontsize=10)
    legend(axes)
    return bool(lines)


def plot_cpu(axes: Any, report: dict[str, Any]) -> bool:
    systems = {system: each for system, each in workload_of(report, "one_64").items()
               if "server_us_per_request" in each}
    names = sorted(systems, key=lambda name: -systems[name]["server_us_per_request"]["median"])
    for name in names:
        server = systems[name]["server_us_per_request"]["median"]
        redis = systems[name].get("redis_us_per_request", {"median": 0})["median"]
        axes.barh(name, server, color=COLOURS[name], height=0.6)
        axes.barh(name, redis, left=server, color=COLOURS[name], height=0.6, alpha=0.35)
        text = f" {server:.1f}" + (f" + {redis:.1f}" if redis else "")
        text += ", failed" if systems[name]["failures"] else ""
        axes.text(server + redis, name, text, va="center")
    axes.margins(x=0.15)
    axes.set_xlabel("microseconds of CPU; faint: of Redis")
    axes.set_title("CPU per request by system, one reading a request, 64 connections", fontsize=10)
    axes.grid(axis="y", visible=False)
    return bool(names)


def plot_latency(axes: Any, report: dict[str, Any]) -> bool:
    from matplotlib.ticker import FuncFormatter, NullFormatter
    shown = False
    for system, each in workload_of(report, "one_256").items():
        points = sorted(each["open_loop"], key=lambda point: point["offered_per_second"])
        if not points:
            continue
        rates = [point["offered_per_second"] for point in points]
        for percentile, look in (("p99", {"label": system}),
                                 ("p99.9", {"linestyle": ":", "marker": ""})):
            axes.plot(rates, [point[f"{percentile}_us"] / 1000 for point in points],
                      **line_style(system) | look)
        shown = True
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    # A line or two a decade is enough, but there may be no decade's end in view.
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}")
                                   if narrow(axes.get_xlim()) else NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("requests/s offered (25, 50, 75 and 90% of each system's maximum)")
    axes.set_title("open loop: ms from when a request was due; p99, dotted p99.9", fontsize=10)
    legend(axes)
    return shown


def narrow(limits: tuple[float, float]) -> bool:
    return limits[1] < 4 * limits[0]


def legend(axes: Any) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


PLOTS = {"throughput": plot_throughput, "cpu": plot_cpu, "latency": plot_latency}


def write_plots(directory: Path, report: dict[str, Any]) -> list[Path]:
    """Those that there are figures for. Raises ImportError where there is no matplotlib."""
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    written = []
    for name, plot in PLOTS.items():
        with matplotlib.rc_context(STYLE):
            figure, axes = pyplot.subplots(figsize=SIZE)
            axes.grid(True)
            axes.set_axisbelow(True)
            if plot(axes, report):
                text = io.StringIO()
                figure.savefig(text, format="svg", bbox_inches="tight", transparent=True,
                               metadata={"Date": None, "Creator": None})
                path = directory / f"{name}.svg"
                path.write_text(text.getvalue())
                written.append(path)
            pyplot.close(figure)
    return written
