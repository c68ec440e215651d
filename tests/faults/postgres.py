"""PostgreSQL servers on loopback: a primary, and a standby that can take its place."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from visitor import eventually, free_port


def program(name):
    found = shutil.which(name) or sorted(map(str, pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))[-1]
    return found


def as_user(*command):
    """PostgreSQL refuses to run as root."""
    if os.getuid():
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "env", "HOME=/tmp", *command]


def state(process):
    """Returns the letter by which Linux names the state of a process, or None if there is none."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


class Server:
    """One PostgreSQL server."""

    def __init__(self, folder, port=None):
        self.folder, self.port, self.process = pathlib.Path(folder), port or free_port(), None

    def start(self, *options):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                as_user(
                    program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-p", str(self.port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "shared_buffers=64MB", *options,
                ),
                stdout=log, stderr=log, cwd=self.folder,
            )
        # After a power cut it has much to read again.
        eventually("PostgreSQL answers", self.answers, 180)

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"PostgreSQL ended: {(self.folder / 'log').read_text('utf-8', 'replace')[-2000:]}")
        return self.ask("SELECT 1").returncode == 0

    def ask(self, text, database="postgres"):
        return subprocess.run(["psql", "-qAtX", self.url(database), "-c", text], capture_output=True, text=True)

    def do(self, text, database="postgres"):
        done = self.ask(text, database)
        if done.returncode:
            raise SystemExit(f"{text}: {done.stderr}")
        return done.stdout.strip()

    def url(self, database):
        return f"postgres://gatepost@127.0.0.1:{self.port}/{database}?connect_timeout=3"

    def stop(self, how=signal.SIGINT):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(120)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """Kills all of its processes, as a power cut would. Stopped before, it starts no more of them: one that is left would keep it from starting."""
        self.process.send_signal(signal.SIGSTOP)
        # A signal takes its time, and until then it may start one more.
        eventually("PostgreSQL stands still", lambda: state(self.process.pid) == "T")
        own = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        os.kill(self.process.pid, signal.SIGKILL)
        for child in own:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(60)
        eventually("PostgreSQL's processes are gone", lambda: all(state(child) in (None, "Z") for child in own))


class Pair:
    """A primary and its standby. What is committed is on both."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-pg-"))
        for name in ("one", "two"):
            (self.root / name).mkdir()
        if not os.getuid():
            user = pwd.getpwnam("postgres")
            for folder in (self.root, self.root / "one", self.root / "two"):
                os.chown(folder, user.pw_uid, user.pw_gid)
        self.primary = Server(self.root / "one")
        self.standby = None
        subprocess.run(
            as_user(program("initdb"), f"--pgdata={self.root}/one/data", "--auth=trust", "--username=gatepost", "--encoding=UTF8", "--no-locale"),
            check=True, capture_output=True, cwd=self.root,
        )
        self.primary.start()
        self.databases = 0

    def database(self):
        self.databases += 1
        self.primary.do(f"CREATE DATABASE gatepost_{self.databases}")
        return self.primary.url(f"gatepost_{self.databases}")

    def add_standby(self):
        self.standby = Server(self.root / "two")
        subprocess.run(
            as_user(program("pg_basebackup"), "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "gatepost", "-D", f"{self.root}/two/data", "-R", "-X", "stream", "-c", "fast"),
            check=True, capture_output=True, cwd=self.root,
        )
        self.standby.start()
        # Only then does a commit wait for the standby.
        self.primary.do("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.do("SELECT pg_reload_conf()")
        eventually("the standby follows", lambda: self.primary.do("SELECT sync_state FROM pg_stat_replication") == "sync")

    def url_of_both(self, database):
        return f"postgres://gatepost@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/{database}"

    def fail_over(self):
        self.primary.kill()
        # The settings of the primary came along; no other standby is left to wait for.
        self.standby.do("ALTER SYSTEM SET synchronous_standby_names = ''")
        self.standby.do("SELECT pg_reload_conf()")
        self.standby.do("SELECT pg_promote()")

    def clean(self):
        for server in (self.primary, self.standby):
            if server:
                server.stop()
        shutil.rmtree(self.root, ignore_errors=True)
