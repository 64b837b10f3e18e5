"""A Dockerfile's steps carried out in directories, by chroot, as far as ours uses them: FROM a Debian
or scratch, WORKDIR, COPY of a file or directory (--from, --chown), RUN, ENV, USER, EXPOSE, STOPSIGNAL
and ENTRYPOINT. Anything else is an error. Root is needed, and debootstrap for a Debian."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}


@dataclass
class Stage:
    base: str
    name: str
    root: Path
    steps: list[tuple[str, str]] = field(default_factory=list)
    directory: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "0:0"
    ports: list[int] = field(default_factory=list)
    stop_signal: str = ""
    entry_point: list[str] = field(default_factory=list)


def read_stages(text: str, top: Path) -> list[Stage]:
    stages: list[Stage] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        verb, _, rest = line.partition(" ")
        if verb == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name, top / (name or "final")))
        else:
            stages[-1].steps.append((verb, rest.strip()))
    return stages


def run_in(root: Path, command: list[str], *, user: str = "0:0", directory: str = "/",
           environment: dict[str, str] | None = None,
           timeout: float = 1_500) -> subprocess.CompletedProcess[str]:
    proxies = {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}
    return subprocess.run(
        ["chroot", f"--userspec={user}", str(root), *command] if directory == "/" else
        ["chroot", f"--userspec={user}", str(root), "sh", "-c", 'cd "$0" && exec "$@"', directory,
         *command],
        env=ENVIRONMENT | proxies | (environment or {}), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False)


class Builder:
    """Carries out the stages. `instead` may take a RUN's command and do something else for it: then
    it returns True."""

    def __init__(self, stages: list[Stage], context: Path, debian: Callable[[str, Path], None],
                 instead: Callable[[Stage, str], bool] = lambda stage, command: False) -> None:
        self.stages = stages
        self.context = context
        self.debian = debian
        self.instead = instead

    def build(self) -> Stage:
        for stage in self.stages:
            self._begin(stage)
            for verb, rest in stage.steps:
                self.step(stage, verb, rest)
        return self.stages[-1]

    def _begin(self, stage: Stage) -> None:
        shutil.rmtree(stage.root, ignore_errors=True)
        if stage.base == "scratch":
            stage.root.mkdir(parents=True)
        else:
            self.debian(stage.base, stage.root)

    def step(self, stage: Stage, verb: str, rest: str) -> None:
        if verb == "RUN":
            self._run(stage, rest)
        elif verb == "COPY":
            self._copy(stage, rest.split())
        elif verb == "WORKDIR":
            stage.directory = rest
            self._inside(stage, rest).mkdir(parents=True, exist_ok=True)
        elif verb == "ENV":
            name, _, value = rest.partition("=")
            stage.environment[name] = value
        elif verb == "USER":
            stage.user = rest
        elif verb == "EXPOSE":
            stage.ports = [int(port) for port in rest.split()]
        elif verb == "STOPSIGNAL":
            stage.stop_signal = rest
        elif verb == "ENTRYPOINT":
            stage.entry_point = json.loads(rest)
        else:
            raise ValueError(f"{verb} is not known here")

    @staticmethod
    def _inside(stage: Stage, path: str) -> Path:
        return stage.root / path.lstrip("/")

    def _run(self, stage: Stage, command: str) -> None:
        if self.instead(stage, command):
            return
        done = run_in(stage.root, ["sh", "-c", command], user=stage.user,
                      directory=stage.directory, environment=stage.environment)
        if done.returncode != 0:
            raise RuntimeError(f"RUN {command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")

    def _copy(self, stage: Stage, words: list[str]) -> None:
        options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        source, target = [word for word in words if not word.startswith("--")]
        copied = self._inside(stage, target)
        if "from" in options:
            other = next(each for each in self.stages if each.name == options["from"])
            origin, ignored = self._inside(other, source), set()
        else:
            origin, ignored = self.context / source, self._ignored()
        if origin.is_dir():
            shutil.copytree(origin, copied, symlinks=True, dirs_exist_ok=True,
                            ignore=lambda folder, names: {name for name in names
                                                          if Path(folder) == self.context
                                                          and name in ignored})
        else:
            shutil.copy2(origin, copied)
        owner = options.get("chown", "0:0")
        subprocess.run(["chown", "-hR", owner, str(copied)], check=True)

    def _ignored(self) -> set[str]:
        lines = (self.context / ".dockerignore").read_text().splitlines()
        return {line for line in lines if line and not line.startswith("#")}
