"""On what it was measured, and how much of that others took: the figures mean nothing without."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

VERSIONS = {
    "redis": ["redis-server", "--version"],
    "nginx": ["nginx", "-v"],
    "go": ["go", "version"],
    "node": ["node", "--version"],
    "wrk": ["wrk", "-v"],
}


@dataclass(frozen=True)
class CpuTicks:
    """Of all processors, since the machine started."""

    stolen: int  # it was ready to run, and the host ran another machine
    whole: int

    @staticmethod
    def now() -> "CpuTicks":
        # The first line is `cpu user nice system idle iowait irq softirq steal` and guests' time,
        # which is in the first two, too.
        first = Path("/proc/stat").read_text().partition("\n")[0]
        ticks = [int(field) for field in first.split()[1:9]]
        return CpuTicks(ticks[7], sum(ticks))

    def stolen_share_until(self, later: "CpuTicks") -> float:
        whole = later.whole - self.whole
        return (later.stolen - self.stolen) / whole if whole > 0 else 0.0


def output_of(command: list[str]) -> str:
    """What a program says, on either output; nothing if it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).strip()


def version_of(command: list[str]) -> str:
    """The first number with a dot in it."""
    found = re.search(r"\d+(?:\.\d+)+", output_of(command))
    return found.group() if found else "not there"


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def describe_machine() -> dict[str, object]:
    return {"cores": len(os.sched_getaffinity(0)), "cpu": cpu_model(),
            "memory_gib": round(memory_bytes() / 2**30, 1),
            "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
            "load_before": round(os.getloadavg()[0], 2)}


def describe_versions(sluice: Path) -> dict[str, str]:
    return {"sluice": version_of([str(sluice), "--version"])} | {
        name: version_of(command) for name, command in VERSIONS.items()}


def describe_commit(root: Path) -> dict[str, object]:
    commit = output_of(["git", "-C", str(root), "rev-parse", "HEAD"])
    if not re.fullmatch(r"[0-9a-f]{40,}", commit):
        return {"id": "unknown", "changed": True}
    changes = output_of(["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"])
    return {"id": commit, "changed": bool(changes)}
