"""What several rounds measured: median, least and greatest, and each."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Spread:
    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def as_json(self) -> dict[str, object]:
        return {"median": tidy(self.median), "min": tidy(min(self.rounds)),
                "max": tidy(max(self.rounds)), "rounds": [tidy(value) for value in self.rounds]}


def tidy(value: float) -> float:
    """Five digits: more than was measured."""
    return float(f"{value:.5g}") if abs(value) < 1e5 else round(value)
