"""Settings of sluice that are chosen by load test, and which of them are tried."""

import os
import subprocess
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.processes import BenchError

BATCHES = (100, 300, 1000, 3000)  # delivery.batch_bytes_max ends a larger one
WINDOWS = (1, 2, 4, 8, 16)  # all that is allowed, in steps
LINGERS_US = (0, 50, 200, 1000)
COMBINATIONS_MAX = 6


@dataclass(frozen=True)
class Setting:
    batch_records_max: int
    window: int
    linger_us: int
    workers: int

    def variables(self) -> dict[str, str]:
        """As sluice reads them; the number of workers is a flag of its own."""
        return {"SLUICE_DELIVERY_BATCH_RECORDS_MAX": str(self.batch_records_max),
                "SLUICE_DELIVERY_WINDOW": str(self.window),
                "SLUICE_DELIVERY_LINGER_US": str(self.linger_us)}


KEYS = {"workers": "http.workers", "window": "delivery.window",
        "batch_records_max": "delivery.batch_records_max", "linger_us": "delivery.linger_us"}
NAMES = tuple(KEYS)


def difference(setting: Setting, default: Setting) -> str:
    """What is other than the default: `window 8, linger_us 50`."""
    changed = [f"{name} {getattr(setting, name)}" for name in NAMES
               if getattr(setting, name) != getattr(default, name)]
    return ", ".join(changed) or "default"


def cores() -> int:
    return len(os.sched_getaffinity(0))


def read_default(sluice: Path) -> Setting:
    """What this build does when it is told nothing."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("SLUICE_")}
    # In the root directory there is no configuration file of the caller's.
    done = subprocess.run([sluice, "--check"], capture_output=True, text=True, cwd="/",
                          env=environment, check=False)
    if done.returncode != 0:
        raise BenchError(f"sluice --check: {(done.stderr or done.stdout).strip()}")
    read = tomllib.loads(done.stdout)
    delivery = read["delivery"]
    return Setting(delivery["batch_records_max"], delivery["window"], delivery["linger_us"],
                   read["http"]["workers"] or cores())


class Grid:
    """The values of each setting that are tried, in order, with the default among them."""

    def __init__(self, default: Setting, nearest: bool) -> None:
        """`nearest`: only the values next to the default."""
        self.default = default
        powers = [1 << i for i in range(cores().bit_length())]
        self.values = {
            name: self._with_default(name, values, nearest) for name, values in (
                ("workers", [*(power for power in powers if power < cores()), cores()]),
                ("window", WINDOWS), ("batch_records_max", BATCHES), ("linger_us", LINGERS_US))}

    def _with_default(self, name: str, values: Iterable[int], nearest: bool) -> list[int]:
        default = getattr(self.default, name)
        ordered = sorted({*values, default})
        at = ordered.index(default)
        return ordered[max(at - 1, 0):at + 2] if nearest else ordered

    def one_at_a_time(self, name: str) -> list[Setting]:
        """With the default itself."""
        return [replace(self.default, **{name: value}) for value in self.values[name]]

    def alone(self) -> list[Setting]:
        """Everything of the first part, each once, the default first."""
        settings = [self.default]
        for name in NAMES:
            settings += [each for each in self.one_at_a_time(name) if each not in settings]
        return settings

    def around(self, best: Setting) -> list[Setting]:
        """`best`, and one step from it each way; steps of what it changed come first."""
        settings = [best]
        names = sorted(NAMES, key=lambda name: getattr(best, name) == getattr(self.default, name))
        for name in names:
            at = self.values[name].index(getattr(best, name))
            for value in self.values[name][max(at - 1, 0):at + 2]:
                neighbour = replace(best, **{name: value})
                if neighbour not in settings:
                    settings.append(neighbour)
        return settings
