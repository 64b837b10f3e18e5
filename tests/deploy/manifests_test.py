#!/usr/bin/python3
"""manifests_test.py BUILD_DIR: that deploy/compose.yaml and deploy/kubernetes/ agree with the program of
BUILD_DIR, with each other and with the image. Whether they are what their schemas ask for,
schemas_test.py says."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True

import yaml  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
LEEWAY_MS = 5_000


def run(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


def sluice(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}
    return run(str(BUILD / "sluice"), *arguments, env=environment | settings)


def settings_of(*arguments: str, **settings: str) -> dict[str, Any]:
    """What is in effect then."""
    done = sluice("--check", *arguments, **settings)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return tomllib.loads(done.stdout)


def objects() -> dict[str, Any]:
    """The manifests, by kind and name."""
    found = {}
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text()):
            found[f"{document['kind']} {document['metadata']['name']}"] = document
    return found


class Kubernetes(unittest.TestCase):
    def setUp(self) -> None:
        self.objects = objects()
        self.deployment = self.objects["Deployment sluice"]["spec"]
        self.pod = self.deployment["template"]["spec"]
        self.container = self.pod["containers"][0]
        directory = tempfile.TemporaryDirectory(prefix="sluice-manifests-")
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "sluice.toml"
        self.file.write_text(self.objects["ConfigMap sluice"]["data"]["sluice.toml"])
        self.settings = settings_of("--config", str(self.file))

    def test_ports_are_the_programs(self) -> None:
        ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        self.assertEqual(self.settings["http"]["listen"], f"0.0.0.0:{ports['http']}")
        self.assertEqual(self.settings["admin"]["listen"], f"0.0.0.0:{ports['admin']}")
        for name, port in (("sluice", "http"), ("sluice-admin", "admin")):
            (served,) = self.objects[f"Service {name}"]["spec"]["ports"]
            self.assertEqual((served["port"], served["targetPort"]), (ports[port], port))
        policy = self.objects["NetworkPolicy sluice"]["spec"]["ingress"]
        self.assertEqual([rule["ports"][0]["port"] for rule in policy], ["http", "admin"])
        self.assertNotIn("from", policy[0])
        self.assertIn("from", policy[1])

    def test_probes_are_answered(self) -> None:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = self.container[probe]["httpGet"]
            self.assertEqual(asked["port"], "admin")
            self.assertEqual(Scrape.get(asked["path"])[0], 200)
        self.assertEqual(self.container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_a_drain_is_given_the_time_that_it_takes(self) -> None:
        takes_ms = self.settings["http"]["drain_grace_ms"] + self.settings["delivery"]["drain_ms"]
        self.assertGreaterEqual(self.pod["terminationGracePeriodSeconds"] * 1_000,
                                takes_ms + LEEWAY_MS)
        readiness = self.container["readinessProbe"]
        self.assertGreaterEqual(self.settings["http"]["drain_grace_ms"],
                                readiness["periodSeconds"] * readiness["failureThreshold"] * 1_000)

    def test_variables_of_services_are_kept_away(self) -> None:
        self.assertIs(self.pod["enableServiceLinks"], False)
        self.assertEqual(sluice("--check", SLUICE_PORT="tcp://10.0.0.1:8080").returncode, 2)

    def test_the_password_comes_from_a_secret(self) -> None:
        (variable,) = self.container["env"]
        settings_of(**{variable["name"]: "redis://redis:6379"})
        self.assertEqual(variable["valueFrom"]["secretKeyRef"], {"name": "sluice-redis", "key": "url"})
        self.assertIn("secret generic sluice-redis --from-literal=url=",
                      (DEPLOY / "kubernetes/config.yaml").read_text())

    def test_runs_as_the_image_does_and_with_no_more_rights(self) -> None:
        user = self.pod["securityContext"]
        image = (DEPLOY / "Dockerfile").read_text()
        self.assertIn(f"\nUSER {user['runAsUser']}:{user['runAsGroup']}\n", image)
        self.assertIs(user["runAsNonRoot"], True)
        self.assertEqual(user["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(self.container["securityContext"],
                         {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                          "capabilities": {"drop": ["ALL"]}})
        self.assertIs(self.pod["automountServiceAccountToken"], False)

    def test_all_speak_of_the_same_pods(self) -> None:
        labels = self.deployment["template"]["metadata"]["labels"]
        self.assertEqual(self.deployment["selector"]["matchLabels"], labels)
        for name in ("Service sluice", "Service sluice-admin"):
            self.assertEqual(self.objects[name]["spec"]["selector"], labels)
        self.assertEqual(
            self.objects["PodDisruptionBudget sluice"]["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(self.objects["NetworkPolicy sluice"]["spec"]["podSelector"]["matchLabels"],
                         labels)
        scaled = self.objects["HorizontalPodAutoscaler sluice"]["spec"]["scaleTargetRef"]
        self.assertEqual((scaled["kind"], scaled["name"]), ("Deployment", "sluice"))
        self.assertNotIn("replicas", self.deployment)

    def test_the_monitor_finds_the_admin_ports_and_calls_the_job_sluice(self) -> None:
        monitor = self.objects["ServiceMonitor sluice"]["spec"]
        found = [each for name, each in self.objects.items() if name.startswith("Service ")
                 and monitor["selector"]["matchLabels"].items() <= each["metadata"]["labels"].items()]
        (service,) = found
        (endpoint,) = monitor["endpoints"]
        self.assertEqual(endpoint["port"], service["spec"]["ports"][0]["name"])
        self.assertEqual(Scrape.get(endpoint["path"])[0], 200)
        self.assertEqual(service["metadata"]["labels"][monitor["jobLabel"]], "sluice")

    def test_scales_by_a_metric_that_there_is(self) -> None:
        metrics = self.objects["HorizontalPodAutoscaler sluice"]["spec"]["metrics"]
        (name,) = [metric["pods"]["metric"]["name"] for metric in metrics if metric["type"] == "Pods"]
        text = (DEPLOY / "kubernetes/autoscaler.yaml").read_text()
        self.assertEqual(re.findall(r"^# +as: (\w+)", text, re.MULTILINE), [name])
        (series,) = re.findall(r"seriesQuery: '(\w+)\{", text)
        self.assertIn(f"\n{series}{{", Scrape.get("/metrics")[1])


class Compose(unittest.TestCase):
    def setUp(self) -> None:
        self.compose = yaml.safe_load(COMPOSE.read_text())
        self.sluice = self.compose["services"]["sluice"]

    def test_its_settings_and_ports_are_the_programs(self) -> None:
        settings = settings_of(**self.sluice["environment"])
        self.assertEqual(self.sluice["ports"], ["8080:8080"])
        self.assertTrue(settings["http"]["listen"].endswith(":8080"))
        seconds = int(self.sluice["stop_grace_period"].removesuffix("s"))
        self.assertGreaterEqual(
            seconds * 1_000,
            settings["http"]["drain_grace_ms"] + settings["delivery"]["drain_ms"] + LEEWAY_MS)
        self.assertGreater(self.sluice["ulimits"]["nofile"], settings["http"]["connections_max"])
        volume = self.sluice["volumes"][0].split(":")[1]
        self.assertTrue(settings["journal"]["dir"].startswith(volume + "/"))
        self.assertIn(f"/state {volume}\n", (DEPLOY / "Dockerfile").read_text())

    def test_its_health_is_asked_of_the_program(self) -> None:
        how, program, *arguments = self.sluice["healthcheck"]["test"]
        self.assertEqual(how, "CMD")
        self.assertIn(f'\nENTRYPOINT ["{program}"]\n', (DEPLOY / "Dockerfile").read_text())
        self.assertEqual(sluice(*arguments, SLUICE_ADMIN_LISTEN=Scrape.address).returncode, 0)
        self.assertEqual(sluice(*arguments, SLUICE_ADMIN_LISTEN="127.0.0.1:1").returncode, 1)

    def test_what_it_mounts_and_names_is_there(self) -> None:
        for name, service in self.compose["services"].items():
            for mount in service.get("volumes", []):
                source = mount.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((DEPLOY / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.compose["volumes"])
            for each in service.get("configs", []):
                self.assertIn(each["source"], self.compose["configs"])
        build = self.sluice["build"]
        self.assertTrue((DEPLOY / build["context"] / build["dockerfile"]).exists())

    def test_prometheus_reads_its_file(self) -> None:
        text = self.compose["configs"]["prometheus"]["content"]
        (job,) = yaml.safe_load(text)["scrape_configs"]
        self.assertEqual((job["job_name"], job["static_configs"]),
                         ("sluice", [{"targets": ["sluice:9464"]}]))
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(text)
            file.flush()
            done = run("promtool", "check", "config", "--syntax-only", file.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Scrape:
    """A gate that is ready without Redis, since it has a journal."""
    address = ""

    @classmethod
    def get(cls, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{cls.address}{path}", timeout=20) as answer:
                return answer.status, "\n" + answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="sluice-manifests-") as directory, subprocess.Popen(
            [str(BUILD / "sluice"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
            env={"SLUICE_REDIS_URL": "", "SLUICE_JOURNAL_DIR": f"{directory}/journal"},
            stdout=subprocess.PIPE, text=True) as gate:
        assert gate.stdout is not None
        Scrape.address = gate.stdout.readline().split("admin on ")[1].split(",")[0]
        try:
            passed = unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful()
        finally:
            gate.terminate()
            gate.wait(60)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
