#!/usr/bin/python3
"""image_test.py BUILD_DIR [--whole]: that deploy/Dockerfile makes an image in which the program runs
as nobody in particular, with nothing else beside it. With a container engine at hand it is built by
that one. Else, as root, its steps are carried out in directories under BUILD_DIR/image: then the
program of BUILD_DIR stands in for the one that the image would compile, unless --whole is given.
Exits with 77, and says why, where neither can be done."""

import os
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

import dockerfile  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
WHOLE = "--whole" in sys.argv
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
AREA = BUILD / "image"
NOBODY = "65532:65532"
SKIPPED = 77


class CannotBuild(Exception):
    """Not a fault of the image."""


def succeeds(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(
        command, capture_output=True, timeout=60, check=False).returncode == 0


def engine_builds() -> bool:
    """Whether an engine is there and has built the image; one that gets no base image has not."""
    if not succeeds("docker", "info"):
        print("image: no container engine, so directories will do")
        return False
    done = subprocess.run(["docker", "build", "-f", str(DOCKERFILE), "-t", "sluice-test", str(ROOT)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"image: docker cannot build it here, so directories will do:\n{done.stderr[-800:]}")
    return done.returncode == 0


def mirror() -> str:
    """Where this machine has its Debian from."""
    done = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(CODENAME)|$(REPO_URI)",
                           "Created-By: Packages"], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        origin, codename, address = line.split("|")
        if (origin, codename) == ("Debian", "bookworm"):
            return address
    raise CannotBuild("this machine has no sources of Debian 12")


def make_debian(base: str, root: Path) -> None:
    """As the image of that name; kept in AREA for the next time."""
    if not base.startswith("debian:12"):
        raise ValueError(f"{base}: only Debian 12 is known here")
    kept = AREA / "debian"
    if not kept.exists():
        new = AREA / "debian.new"
        shutil.rmtree(new, ignore_errors=True)
        done = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(new), mirror()],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CannotBuild(f"debootstrap: {(done.stdout + done.stderr).strip()[-500:]}")
        # As Debian's images have it: nothing is started there.
        policy = new / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        new.rename(kept)
    subprocess.run(["cp", "-a", str(kept), str(root)], check=True)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", root / "etc" / name)


def stand_in(stage: dockerfile.Stage, command: str) -> bool:
    """The program as this machine compiled it, with its libraries, instead of a compiler's work."""
    if WHOLE:
        return False
    if command == "make build":
        program = BUILD / "sluice"
        target = stage.root / "src/build/sluice"
        target.parent.mkdir()
        shutil.copy2(program, target)
        lines = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True)
        for word in lines.stdout.split():
            there = stage.root / word.lstrip("/")
            if word.startswith("/") and not there.exists():
                shutil.copy2(word, there)
        return True
    if command.startswith("strip "):  # there is none in a small Debian
        subprocess.run(["strip", "-o", str(stage.root / "image/usr/local/bin/sluice"),
                        str(BUILD / "sluice")], check=True)
        return True
    return command == "make run-deps"


def build_in_directories() -> dockerfile.Stage:
    if os.geteuid() != 0:
        raise CannotBuild("no container engine, and directories need root")
    if shutil.which("debootstrap") is None:
        raise CannotBuild("no container engine, and debootstrap is missing: `make deps` installs it")
    if not WHOLE and "bookworm" not in Path("/etc/os-release").read_text():
        raise CannotBuild("the program of another system than Debian 12 cannot stand in")
    stages = dockerfile.read_stages(DOCKERFILE.read_text(), AREA)
    return dockerfile.Builder(stages, ROOT, make_debian, stand_in).build()


class EngineImage:
    """Built by the engine, as sluice-test."""

    def command(self, *arguments: str) -> list[str]:
        return ["docker", "run", "--rm", "--network", "none", "sluice-test", *arguments]

    def files(self) -> set[str]:
        made = subprocess.run(["docker", "create", "sluice-test"], capture_output=True, text=True,
                              check=True).stdout.strip()
        names = subprocess.run(f"docker export {made} | tar t", shell=True, capture_output=True,
                               text=True, check=True).stdout.splitlines()
        subprocess.run(["docker", "rm", made], capture_output=True, check=True)
        return {name.rstrip("/") for name in names}


class DirectoryImage:
    def __init__(self) -> None:
        self.stage = build_in_directories()

    def command(self, *arguments: str) -> list[str]:
        return ["env", "-i", *(f"{name}={value}" for name, value in self.stage.environment.items()),
                shutil.which("chroot") or "chroot", f"--userspec={self.stage.user}", str(self.stage.root),
                *self.stage.entry_point, *arguments]

    def files(self) -> set[str]:
        root = self.stage.root
        return {str(path.relative_to(root)) for path in root.rglob("*")}


class ImageTest(unittest.TestCase):
    image: EngineImage | DirectoryImage

    def run_program(self, *arguments: str) -> str:
        done = subprocess.run(self.image.command(*arguments), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_runs_with_its_libraries_and_settings(self) -> None:
        self.assertRegex(self.run_program("--version"), r"^sluice \d")
        settings = self.run_program("--check")
        self.assertIn('listen = "0.0.0.0:8080"', settings)
        self.assertIn('listen = "0.0.0.0:9464"', settings)

    def test_listens_and_leaves_when_told(self) -> None:
        with subprocess.Popen(
                self.image.command("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            first = program.stdout.readline()
            program.send_signal(signal.SIGTERM)
            out, err = program.communicate(timeout=60)
        self.assertIn("listening on", first)
        self.assertEqual(program.returncode, 0, err)
        self.assertIn("sluice: drained", out)

    def test_has_nothing_else(self) -> None:
        files = self.image.files()
        for name in ("etc/passwd", "etc/group", "etc/nsswitch.conf", "usr/lib/ssl/cert.pem",
                     "etc/ssl/certs/ca-certificates.crt", "usr/local/bin/sluice", "var/lib/sluice"):
            self.assertIn(name, files)
        programs = {name for name in files if "/bin/" in name or "/sbin/" in name}
        self.assertEqual(programs, {"usr/local/bin/sluice"})


class DirectoryImageTest(unittest.TestCase):
    """What the directories can show beyond that."""

    def setUp(self) -> None:
        if not isinstance(ImageTest.image, DirectoryImage):
            self.skipTest("a container engine built the image")
        self.stage = ImageTest.image.stage

    def test_is_nobodys_and_belongs_to_root(self) -> None:
        self.assertEqual(self.stage.user, NOBODY)
        for path in self.stage.root.rglob("*"):
            mine = path == self.stage.root / "var/lib/sluice"
            self.assertEqual((path.lstat().st_uid, path.lstat().st_gid),
                             (65532, 65532) if mine else (0, 0), path)
            self.assertFalse(path.lstat().st_mode & 0o6000, path)

    def test_says_how_it_is_used(self) -> None:
        self.assertEqual(self.stage.ports, [8080, 9464])
        self.assertEqual(self.stage.stop_signal, "SIGTERM")
        self.assertEqual(self.stage.entry_point, ["/usr/local/bin/sluice"])

    def test_has_the_authorities_where_openssl_looks(self) -> None:
        done = subprocess.run(["openssl", "version", "-d"], capture_output=True, text=True, check=True)
        directory = done.stdout.split('"')[1]
        link = self.stage.root / directory.lstrip("/") / "cert.pem"
        target = self.stage.root / os.readlink(link).lstrip("/")
        self.assertIn("BEGIN CERTIFICATE", target.read_text())


def main() -> int:
    try:
        ImageTest.image = EngineImage() if engine_builds() else DirectoryImage()
    except CannotBuild as reason:
        print(f"image: skipped: {reason}")
        return SKIPPED
    return 0 if unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
