"""What the measuring scripts share: how they say what they do and on what, and how they end."""

import datetime
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import machine
from bench.processes import BenchError
from bench.systems import Place


def progress(text: str) -> None:
    """What is being done, where a terminal shows it; an empty text takes it away again."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def describe(place: Place, settings: dict[str, object]) -> dict[str, object]:
    return {"date": now(), "machine": machine.describe_machine(),
            "versions": machine.describe_versions(place.build / "sluice"),
            "commit": machine.describe_commit(place.root), "settings": settings}


def run(name: str, root: Path, build: Path, measure: Callable[[Place], bool],
        otherwise: str) -> int:
    """The exit code. `measure` says whether all went well; `otherwise` is said if not."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix=f"sluice-{name}-") as work:
            build = build.resolve()
            if measure(Place(root, build, build / "peers", Path(work))):
                return 0
        print(f"{name}: {otherwise}", file=sys.stderr)
    except BenchError as error:
        progress("")
        print(f"{name}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1
