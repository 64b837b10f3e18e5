"""How quick the disk is where the databases have their data: what each commit waits for."""

import os
import time
from pathlib import Path

BLOCK = bytes(8192)
SECONDS = 1.0


def syncs_per_second(directory: Path) -> float:
    """One after the other, each behind a block that was written in place."""
    path = directory / "syncs"
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        os.write(file, BLOCK)
        os.fsync(file)
        count, begun = 0, time.monotonic()
        while (took := time.monotonic() - begun) < SECONDS:
            os.pwrite(file, BLOCK, 0)
            os.fdatasync(file)
            count += 1
        return count / took
    finally:
        os.close(file)
        path.unlink()
