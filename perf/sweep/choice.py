"""Which setting is on the knee: numbers in, a name out. Nothing is measured here."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEAR_BEST = 0.95
THROUGHPUT_NOISE_MIN = 0.02  # below that, two builds of the same source differ, too
LATENCY_NOISE_MIN = 0.10

RULE = (
    "Throughput and p99 of a setting are held against the default's of the same round, which has "
    "two turns in each, as two servers. The ratio's median over the rounds counts, and its "
    "geometric mean over the workloads. "
    f"Of the settings with at least {NEAR_BEST:.0%} of the best throughput, the knee is the one "
    "with the least p99. The default is kept if it, too, has that throughput, and a p99 that is "
    "the knee's within noise. Noise is how far the two turns of the default differed in a round, the "
    "median of the rounds "
    f"(at least {THROUGHPUT_NOISE_MIN:.0%} of throughput and {LATENCY_NOISE_MIN:.0%} of p99). "
    "A setting under which a request was refused or lost is out.")


@dataclass(frozen=True)
class Score:
    """Of one setting, to the default's."""

    throughput: float
    p99: float
    failed: bool = False


@dataclass(frozen=True)
class Noise:
    throughput: float = THROUGHPUT_NOISE_MIN
    p99: float = LATENCY_NOISE_MIN


@dataclass(frozen=True)
class Choice:
    place: int  # among the scores
    why: str
    is_default: bool


def combine(ratios: Iterable[Sequence[float]]) -> float:
    """`ratios` has those of the rounds for each workload."""
    return statistics.geometric_mean([statistics.median(rounds) for rounds in ratios])


def louder(a: Noise, b: Noise) -> Noise:
    return Noise(max(a.throughput, b.throughput), max(a.p99, b.p99))


def noise_of(ratios: Iterable[Sequence[float]], least: float) -> float:
    """How far from 1 a round was, up or down, taken over all workloads, of what should be 1: the
    median, as for the settings that are held against it."""
    means = [statistics.geometric_mean(each) for each in zip(*ratios)]
    return max(least, statistics.median(max(mean, 1 / mean) - 1 for mean in means))


def choose(scores: Sequence[Score], noise: Noise) -> Choice:
    """By RULE. scores[0] is the default's."""
    default = scores[0]
    alive = [i for i, score in enumerate(scores) if not score.failed]
    if not alive:
        return Choice(0, "no setting passed without refused or lost requests", True)
    best = max(scores[i].throughput for i in alive)
    near = [i for i in alive if scores[i].throughput >= NEAR_BEST * best]
    knee = min(near, key=lambda i: scores[i].p99)
    if knee == 0:
        return Choice(0, "the default is the knee itself", True)
    enough = default.throughput >= NEAR_BEST * best * (1 - noise.throughput)
    as_soon = default.p99 <= scores[knee].p99 * (1 + noise.p99)
    if not default.failed and enough and as_soon:
        return Choice(0, "the default is kept: none is better by more than noise", True)
    reasons = []
    if default.failed:
        reasons.append("refused or lost requests")
    if not enough:
        reasons.append(f"has {default.throughput / best:.0%} of the best throughput")
    if not as_soon:
        reasons.append(f"has {default.p99 / scores[knee].p99:.2f} times its p99")
    return Choice(knee, "the default " + " and ".join(reasons), False)
