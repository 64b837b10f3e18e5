"""What was measured, and on what: the figures mean nothing without."""

import os
import platform
import re
import subprocess
from pathlib import Path

VERSIONS = {
    "redis": ["redis-server", "--version"],
    "nginx": ["nginx", "-v"],
    "go": ["go", "version"],
    "node": ["node", "--version"],
    "wrk": ["wrk", "-v"],
}


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
            "kernel": f"{platform.system()} {platform.release()}",
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
