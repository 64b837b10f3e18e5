"""What the costs predict for this machine, beside what was measured on it. All share its cores: a
prediction is cores / (gate + Redis + generator a record), or less where one thread is full."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.measured import Measured
from model.costs import Costs, Point
from model.lanes import Node, simulate
from model.plan import Delivery
from model.setup import Setup

MACHINE, GATE, REDIS = "the machine", "the workers", "Redis's threads"


@dataclass(frozen=True)
class Check:
    setup: Setup
    batch: float  # measured
    gate_us: float  # a record: predicted, measured
    gate_us_measured: float
    redis_us: float
    redis_us_measured: float
    records_per_second: float
    measured: float
    limit: str
    cores_used: float  # of the machine's, by gate, Redis and generator

    @property
    def ratio(self) -> float:
        """Measured to predicted. What is missing was waited for, or others had the cores."""
        return self.measured / self.records_per_second


def beyond(costs: Costs, results: Mapping[str, Measured], setup: Setup) -> tuple[float, float]:
    """What partitions cost gate and Redis a record, but for their smaller batches."""
    name = f"{setup.shape.name}_partitions"
    if not setup.partitions or name not in results:
        return 0.0, 0.0
    at = Point.of(results[name])
    return (at.gate - costs.gate_us(setup.shape.name, at.batch),
            at.redis - costs.redis_us(setup.shape.name, at.batch))


def check(costs: Costs, results: Mapping[str, Measured], setup: Setup, cores: int) -> Check:
    """At the batches that were measured: how they grow is batch_checks' to say."""
    shape, measured = setup.shape.name, results[setup.name]
    at = Point.of(measured)
    more_gate, more_redis = beyond(costs, results, setup)
    gate = costs.gate_us(shape, at.batch) + more_gate
    redis = costs.redis_us(shape, at.batch) + more_redis
    whole = gate + redis + costs.shapes[shape].generator_record_us
    rates = {MACHINE: cores * 1e6 / whole, GATE: setup.workers * 1e6 / gate,
             REDIS: max(1, setup.cluster) * 1e6 / redis}
    limit = min(rates, key=lambda name: rates[name])
    return Check(setup, at.batch, gate, at.gate, redis, at.redis, rates[limit],
                 measured.median("records_per_second") or 0, limit, cores_used(measured))


def cores_used(measured: Measured) -> float:
    return sum(measured.median(f"{name}_cores") or 0 for name in ("gate", "redis", "generator"))


def is_checked(setup: Setup) -> bool:
    """One and two workers; one, two and three nodes. The rest are prices, not predictions."""
    plain = not (setup.unix or setup.tls or setup.proxy or setup.replica)
    return plain and not setup.batch_records_max and (not setup.partitions or setup.cluster > 0)


@dataclass(frozen=True)
class BatchCheck:
    share: float  # of what the setup reached
    requests_per_second: float
    batch: float  # measured
    simulated_batch: float
    p99_us: float
    simulated_p99_us: float


def batch_checks(costs: Costs, shape: str, seen: list[dict[str, float]],
                 delivery: Delivery) -> list[BatchCheck]:
    """One worker, one Redis. The round trip without Redis's own time is that of the least load."""
    if not seen:
        return []
    of = costs.shapes[shape]
    least = min(seen, key=lambda each: each["share"])
    round_trip = max(10.0, least["commit_us"] - costs.redis_batch_us
                     - of.redis_record_us * least["batch_records"])
    checks = []
    for share in sorted({each["share"] for each in seen}):
        runs = sorted((each for each in seen if each["share"] == share),
                      key=lambda each: each["batch_records"])
        middle = runs[len(runs) // 2]
        simulated = simulate(Node(
            1, middle["requests_per_second"], of.records, costs.request_us, of.gate_record_us,
            costs.gate_batch_us, of.redis_record_us, costs.redis_batch_us, round_trip,
            delivery.window, delivery.batch_records_max, delivery.linger_us))
        checks.append(BatchCheck(share, middle["requests_per_second"], middle["batch_records"],
                                 simulated.batch_records, middle["p99_us"], simulated.p99_us))
    return checks
