"""kill -9 at named points, again and again on one database."""

import copy
import pathlib
import random
import signal
import subprocess
import threading
import time

from house import Crowd, House, every_email_arrives, only_links_made_sessions

POINTS = ["starting", "migrating", "asking", "handing over", "pressing", "pressed", "stopping", "rotating the key", "backing up"]
BETWEEN_CHECKS = len(POINTS)
MIGRATIONS = pathlib.Path(__file__).resolve().parent.parent.parent / "migrations"
# How many of the newest migrations an upgrade makes again.
TAKEN_BACK = 8


def statements_of(migration):
    """Returns the statements of a migration, without comments. None of those without a down.sql holds a semicolon."""
    lines = [line for line in (migration / "up.sql").read_text().splitlines() if not line.lstrip().startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]


class Cycle:
    """One start, one kill, one start again, and what must be true after it."""

    def __init__(self, house, number, point, chance):
        self.house, self.number, self.point, self.chance = house, number, point, chance
        self.crowd = Crowd(house, f"c{number}")
        self.promised, self.pressed = [], []

    def run(self):
        if self.point == "starting":
            process = self.house.start(wait=False)
            time.sleep(self.chance.uniform(0, 1.5))
            kill(process)
            return
        if self.point == "migrating":
            Upgrade(self.house).is_killed(self.chance)
            return
        process = self.house.start()
        self.crowd.start()
        self.crowd.wait_for(5)
        getattr(self, "at_" + self.point.replace(" ", "_"))(process)
        kill(process)
        self.crowd.stop()

    def check(self):
        """Checks the promises of this cycle, on a server that was started after it. Returns the addresses whose links were pressed."""
        links = every_email_arrives(self.house, self.crowd)
        self.promises_hold()
        return self.press_all(links)

    def at_asking(self, _process):
        time.sleep(self.chance.uniform(0, 0.2))

    def at_handing_over(self, _process):
        # The worker has written the file, and perhaps not yet noted it.
        before = len(list(self.house.mail.iterdir()))
        end = time.monotonic() + 5
        while len(list(self.house.mail.iterdir())) == before and time.monotonic() < end:
            pass

    def at_pressing(self, _process):
        self.press_some(wait=False)

    def at_pressed(self, _process):
        self.press_some(wait=True)

    def at_stopping(self, process):
        process.send_signal(signal.SIGTERM)
        time.sleep(self.chance.uniform(0, 0.3))

    def at_rotating_the_key(self, _process):
        self.beside("rotate-key")

    def at_backing_up(self, _process):
        self.beside("check") if self.house.postgres else self.beside("backup", f"copy-{self.number}.db")

    def beside(self, *arguments):
        """Kills a command that runs beside the server."""
        command = subprocess.Popen(
            [self.house.binary, *arguments], cwd=self.house.folder, env=self.house.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(self.chance.uniform(0, 0.4))
        kill(command)

    def press_some(self, wait):
        """Presses the links that have arrived. Notes who was told that it worked."""
        links = dict(self.house.mails())
        ours = [address for address in list(self.crowd.accepted) if address in links][:4]
        threads = []
        for address in ours:
            browser = copy.deepcopy(self.crowd.accepted[address])
            self.pressed.append(address)

            def press(browser=browser, address=address):
                try:
                    if browser.opens(links[address]):
                        self.promised.append((address, browser))
                except Exception:
                    pass

            threads.append(threading.Thread(target=press))
            threads[-1].start()
        if wait:
            for thread in threads:
                thread.join(20)
        else:
            time.sleep(self.chance.uniform(0, 0.15))

    def promises_hold(self):
        for address, browser in list(self.promised):
            if not browser.is_signed_in_as(address):
                raise SystemExit(f"{self.point}: {address} was told that it worked, and is signed out")

    def press_all(self, links):
        """Presses the newest link of some addresses twice. None makes a second session. Returns the addresses that were pressed."""
        told = {address for address, _ in self.promised}
        for address in dict.fromkeys([*self.pressed, *list(self.crowd.accepted)[:3]]):
            if address not in self.crowd.accepted:
                continue
            for link in dict.fromkeys(links[address]):
                for _ in range(2):
                    browser = copy.deepcopy(self.crowd.accepted[address])
                    if browser.opens(link):
                        if address in told:
                            raise SystemExit(f"{self.point}: the link to {address} worked twice")
                        told.add(address)
            self.pressed.append(address)
        mine = "','".join(dict.fromkeys(self.pressed)) or "-"
        rows = self.house.sql(
            "SELECT a.email, count(*) FROM sessions s JOIN accounts a ON a.id = s.account_id "
            f"WHERE a.email IN ('{mine}') GROUP BY a.email HAVING count(*) > 1"
        )
        if rows:
            raise SystemExit(f"{self.point}: more than one session: {rows}")
        return set(self.pressed)


class Upgrade:
    """A database that lacks the newest migrations, and the start that brings it up to date."""

    def __init__(self, house):
        self.house = house
        kind = "postgres" if house.postgres else "sqlite"
        self.all = sorted((MIGRATIONS / kind).iterdir())
        self.newest = self.all[-TAKEN_BACK:]

    def is_killed(self, chance):
        """Kills it at any moment. Then each migration is there as a whole or not at all, and the next start makes the rest and keeps every row."""
        whole, rows = self.schema(), self.rows()
        shapes = [whole, *(self.schema() for _ in self.taken_back())]
        began = time.monotonic()
        self.house.run("migrate")
        takes = time.monotonic() - began
        if self.schema() != whole:
            raise SystemExit("what was taken back does not come back")
        list(self.taken_back())
        process = self.house.start(wait=False)
        time.sleep(chance.uniform(0, 1.2 * takes))
        kill(process)
        left = self.schema()
        if left not in shapes:
            raise SystemExit("a killed upgrade left half a migration")
        self.house.upgrades_cut_off += left != whole
        self.house.run("migrate")
        if self.schema() != whole or self.rows() != rows:
            raise SystemExit("an upgrade after a killed one is not whole")
        self.files_are_few()

    def taken_back(self):
        """Takes the newest migrations back, one at each step."""
        for migration in reversed(self.newest):
            version = migration.name.partition("_")[0].replace("-", "")
            self.house.sql(f"BEGIN; {self.back(migration)}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'; COMMIT")
            yield

    def back(self, migration):
        """Returns what takes a migration back: its down.sql, or the opposite of what it adds."""
        if (migration / "down.sql").exists():
            return (migration / "down.sql").read_text()
        return "; ".join(reversed([self.opposite(statement, migration) for statement in statements_of(migration)]))

    def opposite(self, statement, migration):
        match statement.split():
            case ["ALTER", "TABLE", table, "ADD", "COLUMN", column, *_]:
                return f"ALTER TABLE {table} DROP COLUMN {column}"
            case ["CREATE", "TABLE", table, *_]:
                return f"DROP TABLE {table}"
            case ["CREATE", "INDEX", index, *_] | ["CREATE", "UNIQUE", "INDEX", index, *_]:
                return f"DROP INDEX {index}"
            case ["DROP", "INDEX", index]:
                earlier = [statement for other in self.all if other < migration for statement in statements_of(other)]
                return [made for made in earlier if "INDEX" in made.split()[:3] and index in made.split()[:4] and made.startswith("CREATE")][-1]
        raise SystemExit(f"{migration.name} needs a down.sql: {statement}")

    def schema(self):
        if not self.house.postgres:
            return sorted(self.house.sql("SELECT m.type, m.name, i.name FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) i"))
        return self.house.sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "UNION ALL SELECT 'index', indexname FROM pg_indexes WHERE schemaname = 'public' "
            "UNION ALL SELECT 'trigger', tgname FROM pg_trigger ORDER BY 1, 2"
        )

    def rows(self):
        # No row of these leaves while the server has just started. An email may be sent by then.
        tables = ["accounts", "sessions", "session_proofs", "known_browsers", "settings", "audit"]
        return self.house.sql(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))

    def files_are_few(self):
        names = [path.name for path in self.house.folder.iterdir()]
        copies = [name for name in names if ".before-upgrade-" in name]
        if len(copies) > 3 or any(".partial" in name for name in names):
            raise SystemExit(f"killed upgrades left files: {names}")


def kill(process):
    process.kill()
    process.wait()


def run(binary, postgres, cycles, seed=1):
    house, chance = House(binary, postgres), random.Random(seed)
    pressed, accepted, waiting = set(), 0, []
    try:
        for number in range(cycles):
            waiting.append(Cycle(house, number, POINTS[number % len(POINTS)], chance))
            waiting[-1].run()
            # An email that was under way at a kill follows minutes later, so the checks come later,
            # too.
            if len(waiting) == BETWEEN_CHECKS or number + 1 == cycles:
                process = house.start()
                for cycle in waiting:
                    pressed |= cycle.check()
                    accepted += len(cycle.crowd.accepted)
                kill(process)
                waiting = []
        process = house.start()
        sessions = only_links_made_sessions(house, len(pressed))
        damage = "ok" if postgres else house.sql("PRAGMA integrity_check")[0][0]
        kill(process)
        if damage != "ok":
            raise SystemExit(damage)
        return (
            f"{cycles} kills at {len(POINTS)} points, {house.upgrades_cut_off} of them within an upgrade: "
            f"{accepted} emails promised and sent, {sessions} sessions for {len(pressed)} presses"
        )
    finally:
        house.clean()
