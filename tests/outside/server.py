"""A Gatepost process and its folder, for scripts."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from visitor import Visitor, eventually, free_port, mails_in


class Home:
    """Where the processes of one test are: working folder, database, emails, settings."""

    def __init__(self, binary, postgres=None, **settings):
        self.binary = str(pathlib.Path(binary).resolve())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-"))
        self.mail = self.folder / "mail"
        self.mail.mkdir()
        self.parsed = {}
        self.port = free_port()
        self.log = self.folder / "log"
        self.settings = {
            "ROCKET_PORT": str(self.port),
            "GATEPOST_DRAIN": "0s",
            "GATEPOST_MAIL_URL": f"file://{self.mail}",
            "GATEPOST_LIMITS_PER_CLIENT": "1000/1s",
            "GATEPOST_LIMITS_PER_DOMAIN": "1000/1s",
            "GATEPOST_LIMITS_GLOBAL": "1000/1s",
            "GATEPOST_LIMITS_PER_MAILBOX": "1000/1s",
        } | ({"GATEPOST_DATABASE_URL": postgres} if postgres else {}) | settings

    def environment(self):
        return {"PATH": os.environ["PATH"]} | self.settings

    def run(self, *arguments, check=True):
        """Runs a command to its end and returns what it printed."""
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, env=self.environment(), capture_output=True, text=True)
        if check and done.returncode:
            raise SystemExit(f"gatepost {' '.join(arguments)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def start(self, before=(), wait=True):
        """Starts the server, perhaps by another program, and waits until it is ready."""
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [*before, self.binary], cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL, stderr=log
            )
        if wait:
            self.wait_until_ready(process)
        return process

    def wait_until_ready(self, process):
        def ready():
            if process.poll() is not None:
                raise SystemExit(f"the server ended with {process.returncode}: {self.last_words()}")
            return self.visitor().get("/health/ready")[0] == 200

        eventually("the server is ready", ready)

    def last_words(self, most=2000):
        text = self.log.read_text("utf-8", "replace")
        # What it complained of may have been long before.
        complaints = [line for line in text[:-most].splitlines() if " WARN " in line or " ERROR " in line]
        return "\n".join([*complaints[-20:], text[-most:]])

    def visitor(self, patience=30):
        return Visitor(self.port, patience=patience)

    def mails(self):
        """Returns address and link of each email so far. Reads each file once."""
        return mails_in(self.mail, self.parsed)

    def link_for(self, address):
        return eventually(f"the email to {address}", lambda: [link for to, link in self.mails() if to == address])[-1]

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def end(process, how=signal.SIGTERM, patience=60):
    """Ends a process and returns its exit code."""
    if process.poll() is None:
        process.send_signal(how)
    return process.wait(patience)
