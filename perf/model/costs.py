"""What a record costs, taken apart: so much a request, so much a record, so much a transaction.

    gate:  us a record = request / n + record + batch / b        n records a request
    Redis: us a record =               record + batch / b        b records a transaction

`batch` of Redis is the line through two points: one record a transaction, and the requests of 100,
whose transactions have hundreds. What the shapes have between them follows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bench.measured import Measured
from model.setup import SHAPES, SINGLE, Shape


@dataclass(frozen=True)
class ShapeCosts:
    """Of one shape of requests."""

    records: int  # a request
    gate_record_us: float
    redis_record_us: float
    generator_record_us: float
    device_in_bytes: float  # payload of a request
    device_out_bytes: float  # and of its answer
    store_in_bytes: float  # of a record, to Redis
    store_out_bytes: float
    memory_bytes: float  # of a record in Redis
    entry_records: int  # records that stay together: 1, or a request's


@dataclass(frozen=True)
class Costs:
    request_us: float  # of the gate
    gate_batch_us: float
    redis_batch_us: float
    shapes: Mapping[str, ShapeCosts]

    def gate_us(self, shape: str, batch: float) -> float:
        """CPU microseconds a record."""
        of = self.shapes[shape]
        return self.request_us / of.records + of.gate_record_us + self.gate_batch_us / batch

    def redis_us(self, shape: str, batch: float) -> float:
        return self.shapes[shape].redis_record_us + self.redis_batch_us / batch

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Point:
    """What one setup cost, in the middle of its rounds."""

    batch: float
    gate: float  # us a record
    redis: float

    @staticmethod
    def of(measured: Measured) -> "Point":
        figures = measured.figures
        return Point(figures["batch_records"].median, figures["gate_us_per_record"].median,
                     figures["redis_us_per_record"].median)


def slope(small: Point, large: Point, name: str) -> float:
    """Microseconds a transaction, by two points; not below 0, where noise is all there is."""
    run = 1 / small.batch - 1 / large.batch
    rise = getattr(small, name) - getattr(large, name)
    return max(0.0, rise / run) if run > 0 else 0.0


def take_apart(results: Mapping[str, Measured]) -> Costs:
    """Needs the setups of BASE and SINGLE."""
    single, one, hundred = (Point.of(results[name]) for name in (SINGLE.name, "one", "hundred"))
    redis_batch = slope(single, hundred, "redis")
    gate_batch = slope(single, one, "gate")
    gate_one = one.gate - gate_batch / one.batch
    gate_hundred = hundred.gate - gate_batch / hundred.batch
    # request + record = gate_one, request / n + record = gate_hundred
    n = SHAPES[1].records
    request = max(0.0, (gate_one - gate_hundred) / (1 - 1 / n))
    shapes = {shape.name: costs_of(shape, results[shape.name], request, gate_batch, redis_batch)
              for shape in SHAPES}
    return Costs(request, gate_batch, redis_batch, shapes)


def costs_of(shape: Shape, measured: Measured, request: float, gate_batch: float,
             redis_batch: float) -> ShapeCosts:
    at = Point.of(measured)
    records = shape.records
    middle = {name: spread.median for name, spread in measured.figures.items()}
    return ShapeCosts(
        records, max(0.0, at.gate - request / records - gate_batch / at.batch),
        max(0.0, at.redis - redis_batch / at.batch), middle["generator_us_per_record"],
        middle["device_in_bytes"], middle["device_out_bytes"], middle["store_in_bytes"],
        middle["store_out_bytes"], middle["memory_bytes"], records if shape.packed else 1)


def price(after: Measured, before: Measured, name: str) -> list[float]:
    """Differences within rounds: what a hop adds, in each."""
    return [a - b for a, b in zip(after.figures[name].rounds, before.figures[name].rounds)]
