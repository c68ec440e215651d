"""A Gatepost that lets every address join, its database, and what must be true of it after each fault."""

import collections
import copy
import http.client
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "outside"))

from server import Home, end  # noqa: E402, F401
from visitor import Visitor, eventually  # noqa: E402

SETTINGS = [("join_policy", "anyone")]


class House(Home):
    """A home without limits, whose database can be asked."""

    def __init__(self, binary, postgres=None, **settings):
        super().__init__(binary, postgres, **settings)
        self.postgres = postgres
        self.upgrades_cut_off = 0
        self.run("migrate")
        for name, value in SETTINGS:
            self.sql(
                f"INSERT INTO settings (name, value, changed_at) VALUES ('{name}', '{value}', 0) "
                f"ON CONFLICT (name) DO UPDATE SET value = '{value}'"
            )

    def sql(self, text):
        """Runs a statement and returns its rows, as lists of text."""
        if self.postgres:
            command = ["psql", "-qAtX", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.postgres, "-c", text]
        else:
            command = ["sqlite3", "-batch", "-cmd", ".timeout 10000", "-separator", "\t", str(self.database_file()), text]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{text}: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def database_file(self):
        return self.folder / "gatepost.db"

    def count(self, query):
        return int(self.sql(query)[0][0])


class Crowd:
    """Users who ask for emails from several threads, and what the server promised them."""

    def __init__(self, house, prefix):
        self.house, self.prefix = house, prefix
        self.accepted = {}
        self.refused = self.cut_off = self.turned_away = 0
        # How often each status refused, and what cut requests off, so that a failure names its
        # cause.
        self.statuses, self.cuts = collections.Counter(), collections.Counter()
        self.longest_away = 0.0
        self.lock = threading.Lock()
        self.number = 0
        self.stopped = threading.Event()
        self.threads = []

    def start(self, threads=4, ports=None):
        self.threads = [threading.Thread(target=self.ask_on, args=(ports,), daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)
        return self

    def next_address(self):
        with self.lock:
            self.number += 1
            return f"{self.prefix}-{self.number}@example.com"

    def ask_on(self, ports):
        last_success = time.monotonic()
        while not self.stopped.is_set():
            address = self.next_address()
            if self.ask(address, ports):
                with self.lock:
                    self.longest_away = max(self.longest_away, time.monotonic() - last_success)
                last_success = time.monotonic()
            else:
                time.sleep(0.02)

    def ask(self, address, ports=None):
        """Asks for an email, at another node if one does not answer. Returns whether the server took the request."""
        for port in ports() if ports else [self.house.port]:
            visitor = Visitor(port, host=f"localhost:{self.house.port}", patience=20)
            try:
                status = visitor.post("/login", email=address)[0]
            except ConnectionRefusedError:
                continue
            except http.client.RemoteDisconnected:
                # It came too late. What it asked may or may not have happened.
                with self.lock:
                    self.turned_away += 1
                return False
            except (OSError, http.client.HTTPException) as fault:
                with self.lock:
                    self.turned_away += isinstance(fault, ConnectionResetError)
                    self.cut_off += not isinstance(fault, ConnectionResetError)
                    self.cuts[repr(fault)] += 1
                return False
            if status == 303:
                with self.lock:
                    self.accepted[address] = visitor
                return True
            with self.lock:
                self.refused += 1
                self.statuses[status] += 1
        return False

    def wait_for(self, least, patience=60):
        eventually(f"{least} are taken", lambda: len(self.accepted) >= least, patience)


def every_email_arrives(house, crowd, patience=180):
    """No accepted email is lost: each address gets one. Returns the links of each."""
    def links():
        found = {}
        for to, link in house.mails():
            found.setdefault(to, []).append(link)
        missing = [address for address in crowd.accepted if address not in found]
        return None if missing else found or {"none": []}
    return eventually("an email for each address that was taken", links, patience)


def links_work_at_most_once(house, crowd, links, most=20):
    """Presses each link from three browsers at once and again later. Returns how many signed in."""
    signed_in = 0
    for address, asker in list(crowd.accepted.items())[:most]:
        for link in dict.fromkeys(links[address]):
            browsers = [copy.deepcopy(asker) for _ in range(3)]
            won = []

            def press(browser, link=link, won=won, address=address):
                if browser.opens(link) and browser.is_signed_in_as(address):
                    won.append(browser)

            threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            again = copy.deepcopy(asker)
            press(again)
            if len(won) > 1:
                raise SystemExit(f"{address}: a link worked {len(won)} times")
            signed_in += len(won)
    return signed_in


def only_links_made_sessions(house, pressed):
    """No one is signed in without proof: there are as many sessions as presses that may have signed in, or fewer."""
    sessions = house.count("SELECT count(*) FROM sessions")
    if sessions > pressed:
        raise SystemExit(f"{sessions} sessions, but only {pressed} presses")
    stranger = house.visitor()
    if stranger.get("/account")[0] == 200:
        raise SystemExit("a stranger is signed in")
    return sessions
