"""CrowdSec in an empty folder: the real parser and scenario, with no service, and away from its central server."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

from visitor import free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OURS = ROOT / "packaging" / "watching" / "crowdsec"


class CrowdSec:
    def __init__(self):
        # The oldest one that our documents promise: newer ones know more functions.
        self.files = pathlib.Path(subprocess.check_output([ROOT / "packaging" / "debian-files", "bookworm", "crowdsec"], text=True).strip())
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.config = self.folder / "config.yaml"
        self.put_rules()
        self.put_config()
        self.run("cscli", "machines", "add", "test", "--auto", "--file", self.folder / "login.yaml")

    def put_rules(self):
        hub, etc = self.files / "usr/share/crowdsec/hub", self.folder / "etc"
        shutil.copytree(self.files / "etc/crowdsec", etc)
        shutil.copytree(hub, self.folder / "hub")
        for stage, file in {
            "parsers/s00-raw/syslog-logs.yaml": hub / "parsers/s00-raw/crowdsecurity/syslog-logs.yaml",
            "parsers/s01-parse/gatepost.yaml": OURS / "parser.yaml",
            "parsers/s02-enrich/dateparse-enrich.yaml": hub / "parsers/s02-enrich/crowdsecurity/dateparse-enrich.yaml",
            "scenarios/gatepost.yaml": OURS / "scenario.yaml",
        }.items():
            (etc / stage).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, etc / stage)
        for empty in ("etc/postoverflows", "data", "plugins"):
            (self.folder / empty).mkdir(exist_ok=True)
        (self.folder / "login.yaml").touch()

    def put_config(self):
        folder = str(self.folder)
        settings = {
            "common": {"daemonize": False, "log_media": "stdout", "log_level": "info"},
            "config_paths": {
                "config_dir": f"{folder}/etc",
                "data_dir": f"{folder}/data",
                "simulation_path": f"{folder}/etc/simulation.yaml",
                "hub_dir": f"{folder}/hub",
                "index_path": f"{folder}/hub/.index.json",
                "notification_dir": f"{folder}/etc/notifications",
                "plugin_dir": f"{folder}/plugins",
            },
            "crowdsec_service": {"acquisition_path": f"{folder}/acquis.yaml", "parser_routines": 1},
            "db_config": {"type": "sqlite", "db_path": f"{folder}/crowdsec.db"},
            # No `online_client`, so that nothing is sent to the central server.
            "api": {
                "client": {"credentials_path": f"{folder}/login.yaml"},
                "server": {"listen_uri": f"127.0.0.1:{free_port()}", "profiles_path": f"{folder}/etc/profiles.yaml"},
            },
            "prometheus": {"enabled": False},
        }
        # JSON is YAML, too.
        self.config.write_text(json.dumps(settings))

    def run(self, program, *words):
        """Returns what a program of CrowdSec says. CrowdSec ends with 0 on some faults."""
        command = [self.files / "usr/bin" / program, "-c", self.config, *words]
        done = subprocess.run(command, cwd=self.folder, env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        if done.returncode or "level=fatal" in said:
            raise SystemExit(f"{program} {' '.join(map(str, words))}:\n{said}")
        return said

    def reads(self, acquisition):
        """Checks what a file of acquis.d says."""
        (self.folder / "acquis.yaml").write_text(acquisition)
        self.run("crowdsec", "-t")

    def banned(self, lines):
        """Returns the addresses that CrowdSec bans for these lines of the journal."""
        log = self.folder / "log"
        log.write_text("".join(f"{line}\n" for line in lines))
        self.run("crowdsec", "-type", "syslog", "-dsn", f"file://{log}")
        with contextlib.closing(sqlite3.connect(self.folder / "crowdsec.db")) as database:
            return {address for (address,) in database.execute("select value from decisions where scenario = 'gatepost/guessing' and type = 'ban'")}

    def clean(self):
        shutil.rmtree(self.folder)
