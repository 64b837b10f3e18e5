"""Runs of many settings in turns: each is a sluice of its own, all run at once, and one at a time
is loaded. A round is a turn of each in closed loop, then a turn of each at the fixed rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt

from bench import systems
from bench.measured import Measured
from bench.measuring import Bench, Settings
from bench.processes import BenchError
from bench.redis import Redis
from bench.systems import Place, Server
from bench.workloads import Workload
from sweep.choice import (LATENCY_NOISE_MIN, THROUGHPUT_NOISE_MIN, Noise, Score, combine,
                          noise_of)
from sweep.setting import Setting

THROUGHPUT = "requests_per_second"
P99 = "open_loop_p99_us"
SLUICE = systems.BY_NAME["sluice"]


@dataclass
class Trial:
    """One setting, and what was measured of it, by the workload's name."""

    setting: Setting
    measured: dict[str, Measured] = field(default_factory=dict)
    score: Score = Score(1, 1)
    noise: Noise = Noise()  # of the part of the run that it was measured in

    def failures(self) -> list[str]:
        return [failure for each in self.measured.values() for failure in each.failures]


def rounds_of(trial: Trial, figure: str) -> list[list[float]]:
    """By workload. None of a trial that has failed before it had the figure."""
    return [each.figures[figure].rounds if figure in each.figures else []
            for each in trial.measured.values()]


def ratios(ours: list[list[float]], theirs: list[list[float]]) -> list[list[float]]:
    """By workload, of each round."""
    return [[a / b for a, b in zip(*pair) if b > 0] for pair in zip(ours, theirs)]


def middle(some: list[list[float]], others: list[list[float]]) -> list[list[float]]:
    return [[sqrt(a * b) for a, b in zip(*pair)] for pair in zip(some, others)]


def score(trials: Sequence[Trial], twin: Trial) -> None:
    """trials[0] is the default, `twin` the default once more; both together are what the others are
    held against, so that one unlucky turn of the default's is not everybody else's gain."""
    throughput, p99 = rounds_of(trials[0], THROUGHPUT), rounds_of(trials[0], P99)
    twin_throughput, twin_p99 = rounds_of(twin, THROUGHPUT), rounds_of(twin, P99)
    noise = Noise(noise_of(ratios(twin_throughput, throughput), THROUGHPUT_NOISE_MIN),
                  noise_of(ratios(twin_p99, p99), LATENCY_NOISE_MIN))
    throughput, p99 = middle(throughput, twin_throughput), middle(p99, twin_p99)
    for trial in trials:
        trial.noise = noise
        to_throughput = ratios(rounds_of(trial, THROUGHPUT), throughput)
        to_p99 = ratios(rounds_of(trial, P99), p99)
        failed = bool(trial.failures())
        if not all(to_throughput) or not all(to_p99):
            trial.score = Score(0, inf, failed=True)
        elif trial is trials[0]:
            trial.score = Score(1, 1, failed)
        else:
            trial.score = Score(combine(to_throughput), combine(to_p99), failed)


class Sweep(Bench):
    """Measures settings. Owns the servers of the part of the run that goes on."""

    def __init__(self, place: Place, redis: Redis, settings: Settings,
                 progress: Callable[[str], None]) -> None:
        super().__init__(place, redis, settings, progress)
        self.rates: dict[str, float] = {}  # offered in open loop, by the workload's name

    def measure(self, part: str, settings: Sequence[Setting]) -> list[Trial]:
        """settings[0] is the default; it is measured twice over, to know the noise."""
        trials = [Trial(setting) for setting in [*settings, settings[0]]]
        servers: list[Server] = []
        try:
            for trial in trials:
                self.progress(f"{part}: starting {len(servers) + 1} of {len(trials)}")
                servers.append(systems.start(self.place, SLUICE, self.redis.socket_path,
                                             trial.setting.workers, **trial.setting.variables()))
                trial.measured = {each.name: Measured() for each in self.settings.workloads}
            for workload in self.settings.workloads:
                self._warm_up(workload, servers)
            for number in range(self.settings.rounds):
                for workload in self.settings.workloads:
                    self.progress(f"{part}: round {number + 1} of {self.settings.rounds}: "
                                  f"{workload.title}, {len(trials)} settings")
                    self._round(workload, number, trials, servers)
        finally:
            for server in servers:
                server.stop()
            self.redis.empty()
        score(trials[:-1], trials[-1])
        return trials[:-1]

    def _warm_up(self, workload: Workload, servers: Sequence[Server]) -> None:
        """Not counted. The first time it also finds the default's maximum, and so the rate."""
        reached: list[float] = []
        for server in servers:
            self.redis.empty()
            figures = self._wrk(workload, server, Measured())
            # The first and the last are the default's; the first also warms Redis.
            if server is servers[0] or server is servers[-1]:
                reached.append(figures[THROUGHPUT])
        self.rates.setdefault(workload.name, max(reached) / 2)

    def _round(self, workload: Workload, number: int, trials: Sequence[Trial],
               servers: Sequence[Server]) -> None:
        pairs = list(zip(trials, servers))
        turn = number % len(pairs)
        for trial, server in pairs[turn:] + pairs[:turn]:
            measured = trial.measured[workload.name]
            measured.add(self._wrk(workload, server, measured))
        for trial, server in pairs[turn:] + pairs[:turn]:
            if not server.process.is_alive():
                raise BenchError(f"sluice ended: {server.process.log_tail()}")
            self._at_the_rate(workload, server, trial.measured[workload.name])

    def _at_the_rate(self, workload: Workload, server: Server, measured: Measured) -> None:
        for at in self._offer(workload, server, measured, 50, self.rates[workload.name]):
            measured.add({f"open_loop_{name}": at[name]
                          for name in ("p50_us", "p99_us", "p99.9_us")})
