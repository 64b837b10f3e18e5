"""Throughput against p99, a point a setting: the knee is where more of one costs the other."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")  # no screen
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: E402

from bench.workloads import Workload  # noqa: E402
from sweep.choice import NEAR_BEST, Choice  # noqa: E402
from sweep.measuring import P99, THROUGHPUT, Trial  # noqa: E402
from sweep.setting import NAMES, Setting, difference  # noqa: E402

COLOURS = {"default": "black", "workers": "tab:blue", "window": "tab:orange",
           "batch_records_max": "tab:green", "linger_us": "tab:red", "several": "tab:purple"}


def kind_of(setting: Setting, default: Setting) -> str:
    """Which one setting is another than the default's."""
    changed = [name for name in NAMES if getattr(setting, name) != getattr(default, name)]
    return changed[0] if len(changed) == 1 else "several" if changed else "default"


def draw_points(axes: Axes, points: Sequence[tuple[float, float]], trials: Sequence[Trial],
                choice: Choice) -> None:
    default = trials[0].setting
    for i, ((x, y), trial) in enumerate(zip(points, trials)):
        colour = COLOURS[kind_of(trial.setting, default)]
        chosen = i == choice.place
        axes.scatter([x], [y], s=70 if chosen else 24, color=colour, zorder=3,
                     marker="*" if chosen else "x" if trial.score.failed else "o")
        axes.annotate(str(i), (x, y), xytext=(4, 4), textcoords="offset points", fontsize=8,
                      color=colour)
    axes.set_yscale("log")
    plain = FuncFormatter(lambda value, _: f"{value:,g}")
    axes.xaxis.set_major_formatter(plain)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        axis(plain)
    axes.tick_params(axis="both", which="both", labelsize=8)
    axes.grid(True, which="both", alpha=0.25)


def draw_key(axes: Axes, trials: Sequence[Trial], choice: Choice) -> None:
    """Numbers and not names beside the points, where they would cover each other."""
    default = trials[0].setting
    axes.axis("off")
    step = min(0.06, 1 / (len(trials) + 1))
    for i, trial in enumerate(trials):
        text = f"{i:2}  {difference(trial.setting, default)}"
        axes.text(0, 1 - i * step, text + ("  (chosen)" if i == choice.place else ""), fontsize=8,
                  va="top", color=COLOURS[kind_of(trial.setting, default)],
                  weight="bold" if i == choice.place else "normal")


def draw(path: Path, trials: Sequence[Trial], workloads: Sequence[Workload],
         choice: Choice) -> None:
    plt.rcParams["svg.hashsalt"] = "sluice"  # the same figures make the same file
    scored = [trial for trial in trials if trial.score.throughput > 0]
    count = len(workloads) + 2
    figure, panels = plt.subplots(1, count, figsize=(4.2 * count, 4.4), squeeze=False)
    for axes, workload in zip(panels[0], workloads):
        draw_points(axes, [(t.measured[workload.name].median(THROUGHPUT) or 0,
                            (t.measured[workload.name].median(P99) or 0) / 1000)
                           for t in trials], trials, choice)
        axes.set(title=workload.title, xlabel="requests/s, closed loop",
                 ylabel="p99 ms at the fixed rate")
    together = panels[0][-2]
    draw_points(together, [(t.score.throughput, t.score.p99) for t in trials], trials, choice)
    together.axvline(NEAR_BEST * max(t.score.throughput for t in scored), color="grey", ls="--",
                     lw=1)
    together.set(title="together", xlabel="throughput, to the default's",
                 ylabel="p99, to the default's")
    draw_key(panels[0][-1], trials, choice)
    for axes in panels[0][:-1]:
        axes.title.set_fontsize(9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
