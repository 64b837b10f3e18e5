"""What a sweep found: a table, JSON and Markdown."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.report import measured_as_json
from bench.spread import tidy
from bench.tables import Table
from bench.workloads import Workload
from sweep import plot
from sweep.choice import NEAR_BEST, RULE, Choice, Noise
from sweep.measuring import P99, THROUGHPUT, Trial
from sweep.setting import KEYS, Setting, difference

FORMAT = 1  # goes up when a member changes its meaning


def marks(trial: Trial, trials: Sequence[Trial], choice: Choice) -> str:
    texts = ["**chosen**"] if trial is trials[choice.place] else []
    failures = trial.failures()
    if failures:
        texts.append("**failed: " + failures[0].replace("|", "/") + "**")
    return ", ".join(texts)


def together_table(trials: Sequence[Trial], choice: Choice) -> Table:
    """How the settings compare over all workloads: what the rule looks at."""
    default = trials[0].setting
    table = Table("settings, to the default of the same round, over all workloads",
                  ["setting", "throughput", "p99", ""])
    for trial in trials:
        table.rows.append([difference(trial.setting, default), f"{trial.score.throughput:.3f}",
                           f"{trial.score.p99:.2f}", marks(trial, trials, choice)])
    return table


def workload_table(workload: Workload, rate: float, trials: Sequence[Trial],
                   choice: Choice) -> Table:
    table = Table(f"{workload.title}; p99 at {rate:,.0f} requests/s",
                  ["setting", "req/s", "range", "us/req", "Redis us/req", "p50 ms", "p99 ms",
                   "range", ""])
    for trial in trials:
        measured = trial.measured[workload.name]

        def show(name: str, digits: int, scale: float = 1) -> str:
            value = measured.median(name)
            return "-" if value is None else f"{value / scale:,.{digits}f}"

        def spread(name: str, digits: int, scale: float = 1) -> str:
            if name not in measured.figures:
                return "-"
            rounds = measured.figures[name].rounds
            return f"{min(rounds) / scale:,.{digits}f}-{max(rounds) / scale:,.{digits}f}"

        table.rows.append([
            difference(trial.setting, trials[0].setting), show(THROUGHPUT, 0),
            spread(THROUGHPUT, 0), show("server_us_per_request", 2),
            show("redis_us_per_request", 2), show("open_loop_p50_us", 2, 1000),
            show(P99, 2, 1000), spread(P99, 2, 1000), marks(trial, trials, choice)])
    return table


def conclusion(trials: Sequence[Trial], choice: Choice, noise: Noise) -> str:
    setting = trials[choice.place].setting
    values = ", ".join(f"{key} = {getattr(setting, name)}" for name, key in KEYS.items())
    which = f"the defaults, here {values}" if choice.is_default else values
    text = (f"On the knee: {which} ({choice.why}; noise {noise.throughput:.0%} of throughput, "
            f"{noise.p99:.0%} of p99).")
    if noise.throughput > 1 - NEAR_BEST:
        text += " That is more noise than what was looked for: run it again on a quiet machine."
    return text


def as_json(about: dict[str, object], rates: dict[str, float], trials: Sequence[Trial],
            choice: Choice) -> dict[str, object]:
    def setting_of(setting: Setting) -> dict[str, int]:
        return {key: getattr(setting, name) for name, key in KEYS.items()}

    return {"format": FORMAT, **about, "rule": RULE,
            "open_loop_requests_per_second": {name: tidy(rate) for name, rate in rates.items()},
            "default": setting_of(trials[0].setting),
            "chosen": setting_of(trials[choice.place].setting), "why": choice.why,
            "trials": [{
                "setting": setting_of(trial.setting),
                "difference": difference(trial.setting, trials[0].setting),
                "throughput_to_default": tidy(trial.score.throughput),
                "p99_to_default": tidy(trial.score.p99) if not trial.score.failed else None,
                "failed": trial.score.failed,
                "noise": {"throughput": tidy(trial.noise.throughput),
                          "p99": tidy(trial.noise.p99)},
                "workloads": {name: measured_as_json(each)
                              for name, each in trial.measured.items()}} for trial in trials]}


def as_text(introduction: str, tables: Sequence[Table], last: str) -> str:
    return "\n\n".join([introduction, *(table.text() for table in tables), RULE, last])


def write_files(directory: Path, whole: dict[str, object], introduction: str,
                tables: Sequence[Table], last: str, trials: Sequence[Trial],
                workloads: Sequence[Workload], choice: Choice) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    name = f"sweep-{str(whole['date'])[:10]}"
    data, text, drawn = (directory / f"{name}.{end}" for end in ("json", "md", "svg"))
    data.write_text(json.dumps(whole, indent=1) + "\n")
    parts = ["# Results of `make sweep`", last, introduction,
             f"![throughput against p99]({drawn.name})",
             *(table.markdown() for table in tables), RULE]
    text.write_text("\n\n".join(parts) + "\n")
    plot.draw(drawn, trials, workloads, choice)
    return [data, text, drawn]
