"""What was measured of one system under one workload: figures of rounds, counts, and failures."""

from dataclasses import dataclass, field
from statistics import median

from bench.spread import Spread

REDIS_BENCHMARK = "redis_benchmark"


@dataclass
class Measured:
    """One system under one workload."""

    figures: dict[str, Spread] = field(default_factory=dict)
    answers: int = 0
    refused: int = 0  # answers other than 2xx
    acknowledged: int = 0
    stored: int = 0
    peak_rss_bytes: int = 0
    failures: list[str] = field(default_factory=list)
    open_loop: list[dict[str, float]] = field(default_factory=list)

    def add(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.figures.setdefault(name, Spread()).rounds.append(value)

    def median(self, name: str) -> float | None:
        return self.figures[name].median if name in self.figures else None

    def last(self, name: str) -> float | None:
        return self.figures[name].rounds[-1] if name in self.figures else None


RATIOS = (  # of what, to whose, and its name
    ("requests_per_second", "floor", "requests_to_floor"),
    ("server_us_per_request", "floor", "server_us_to_floor"),
    ("records_per_second", REDIS_BENCHMARK, "records_to_benchmark"),
)


def add_ratios(results: dict[str, Measured], number: int) -> None:
    """Within the round of that number."""
    for name, measured in results.items():
        for figure, base, ratio in RATIOS:
            if base not in results or name in ("floor", REDIS_BENCHMARK):
                continue
            pair = [each.figures[figure].rounds for each in (measured, results[base])
                    if figure in each.figures and len(each.figures[figure].rounds) > number]
            if len(pair) == 2 and pair[1][number] > 0:
                measured.add({ratio: pair[0][number] / pair[1][number]})


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """Several runs of an open loop at one rate as one: medians, and how far the p99s are apart."""
    p99 = [run["p99_us"] for run in runs]
    return ({name: median(run[name] for run in runs) for name in runs[0]}
            | {"runs": len(runs), "p99_us_least": min(p99), "p99_us_most": max(p99)})
