#!/usr/bin/python3
"""schemas_test.py BUILD_DIR: that deploy/compose.yaml and deploy/kubernetes/ are what their published
schemas ask for. Those are npm packages, installed under BUILD_DIR/schemas. Exits with 77, and says why,
where they cannot be had."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parent.parent.parent
AREA = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve() / "schemas"
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
SCHEMAS = ROOT / "tests" / "deploy" / "schemas"
SKIPPED = 77


def run_here(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=AREA)


def why_not_installed() -> str:
    """Installs what is missing; empty: all is there."""
    if shutil.which("npm") is None:
        return "npm is missing: `make deps` installs it"
    # The copy of the lock file is made last: where it is the same, the packages are whole.
    AREA.mkdir(parents=True, exist_ok=True)
    lock = (SCHEMAS / "package-lock.json").read_text()
    installed = AREA / "installed-lock.json"
    if installed.exists() and installed.read_text() == lock:
        return ""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SCHEMAS / name, AREA)
    done = run_here("npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund",
                    "--loglevel=error")
    if done.returncode != 0:
        return f"npm cannot install them: {done.stderr[-500:]}"
    installed.write_text(lock)
    return ""


class Schemas(unittest.TestCase):
    def faults(self, *paths: Path) -> str:
        done = run_here("node", str(SCHEMAS / "validate.js"), *map(str, paths))
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode != 0, done.stdout != "")
        return done.stdout

    def test_hold(self) -> None:
        self.assertEqual(self.faults(COMPOSE, *MANIFESTS), "")

    def test_find_what_is_wrong(self) -> None:
        with tempfile.TemporaryDirectory(prefix="sluice-manifests-") as directory:
            for name, right, wrong, said in (
                    ("compose.yaml", "mem_limit", "mem_limt", "additional properties"),
                    ("kubernetes/deployment.yaml", "enableServiceLinks", "enableServiceLink",
                     "enableServiceLink is unknown"),
                    ("kubernetes/deployment.yaml", "containerPort: 8080", "containerPort: http",
                     "containerPort"),
                    ("kubernetes/servicemonitor.yaml", "jobLabel", "jobLable", "jobLable is unknown")):
                text = (DEPLOY / name).read_text()
                self.assertIn(right, text)
                path = Path(directory) / Path(name).name
                path.write_text(text.replace(right, wrong))
                self.assertIn(said, self.faults(path), wrong)


def main() -> int:
    reason = why_not_installed()
    if reason:
        print(f"schemas: skipped: {reason}")
        return SKIPPED
    return 0 if unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
