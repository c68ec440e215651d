"""SIGTERM under load, and two nodes of which one after the other is restarted."""

import http.client
import pathlib
import threading
import time

from house import Crowd, House, end, every_email_arrives, links_work_at_most_once, only_links_made_sessions
from server import Home
from visitor import Visitor


def stopped_under_load(binary, postgres, rounds):
    """A stop cuts off no request that it has taken, and ends well."""
    house = House(binary, postgres)
    crowd = Crowd(house, "stop")
    try:
        for _ in range(rounds):
            process = house.start()
            crowd.stopped.clear()
            crowd.start(8)
            crowd.wait_for(len(crowd.accepted) + 20)
            code = end(process)
            crowd.stop()
            if code:
                raise SystemExit(f"it ended with {code}: {house.last_words()}")
            if crowd.cut_off:
                raise SystemExit(f"{crowd.cut_off} requests were cut off by {dict(crowd.cuts)}: {house.last_words()}")
        process = house.start()
        links = every_email_arrives(house, crowd)
        only_links_made_sessions(house, links_work_at_most_once(house, crowd, links, 10))
        end(process)
        return f"{rounds} stops under load: {len(crowd.accepted)} emails promised and sent, no request cut off, {crowd.turned_away} connections closed before they were taken"
    finally:
        crowd.stop()
        house.clean()


class Balancer:
    """Knows which nodes are ready, as a load balancer does: it asks each five times a second."""

    def __init__(self, nodes):
        self.nodes, self.ready, self.stopped = nodes, [node.port for node in nodes], threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.stopped.wait(0.2):
            self.ready = [node.port for node in self.nodes if self.is_ready(node)]

    def is_ready(self, node):
        try:
            return node.visitor(patience=5).get("/health/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False


class Node(Home):
    """A second node on the database of a house, with its key file."""

    def __init__(self, house):
        super().__init__(house.binary, house.postgres, GATEPOST_DRAIN="3s", GATEPOST_KEY_FILE=str(house.folder / "gatepost.key"))
        self.settings["GATEPOST_MAIL_URL"] = house.settings["GATEPOST_MAIL_URL"]
        self.settings["GATEPOST_BASE_URL"] = house.settings["GATEPOST_BASE_URL"]

    def visitor(self, patience=30):
        host = self.settings["GATEPOST_BASE_URL"].removeprefix("http://")
        return Visitor(self.port, host=host, patience=patience)


def rolled(binary, postgres, rounds):
    """Behind a balancer that asks for readiness, no request fails, and users stay signed in."""
    house = House(binary, postgres, GATEPOST_DRAIN="3s")
    house.settings["GATEPOST_BASE_URL"] = f"http://localhost:{house.port}"
    processes = [house.start()]
    other = Node(house)
    processes.append(other.start())
    nodes = [house, other]
    balancer = Balancer(nodes)
    crowd = Crowd(house, "roll")
    try:
        signed_in = house.visitor()
        signed_in.asks("stays@example.com")
        if not signed_in.opens(house.link_for("stays@example.com")):
            raise SystemExit("no sign-in")
        crowd.start(4, ports=lambda: balancer.ready)
        for number in range(rounds):
            crowd.wait_for(len(crowd.accepted) + 10)
            turn = number % 2
            if end(processes[turn]):
                raise SystemExit("a node did not end well")
            # The other node knows the session all the while.
            signed_in.port = nodes[1 - turn].port
            status, _, text = signed_in.get("/account")
            if status != 200 or "stays@example.com" not in text:
                raise SystemExit(f"a session was lost: {status}: {nodes[1 - turn].last_words()}")
            crowd.wait_for(len(crowd.accepted) + 10)
            processes[turn] = nodes[turn].start()
        crowd.stop()
        if crowd.cut_off or crowd.refused or crowd.turned_away:
            said = "".join(node.last_words() for node in nodes)
            refused = f"{crowd.refused} refused by {dict(crowd.statuses)}"
            cut_off = f"{crowd.cut_off} requests cut off, {crowd.turned_away} turned away by {dict(crowd.cuts)}"
            raise SystemExit(f"{cut_off}, {refused}: {said}")
        links = every_email_arrives(house, crowd)
        only_links_made_sessions(house, 1 + links_work_at_most_once(house, crowd, links, 10))
        return f"{rounds} restarts of one of two nodes: {len(crowd.accepted)} emails promised and sent, no request failed"
    finally:
        crowd.stop()
        balancer.stopped.set()
        for process in processes:
            end(process)
        other.clean()
        house.clean()


def clock_moved(binary, postgres):
    """The clock jumps: a link expires by it, nothing is deleted by it, and a session is back when the clock is."""
    house = House(binary, postgres)
    offset = house.folder / "offset"
    offset.write_text("+0")
    library = str(next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")))
    house.settings |= {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    process = house.start()
    try:
        ana, ben = house.visitor(), house.visitor()
        ana.asks("ana@example.com")
        if not ana.opens(house.link_for("ana@example.com")):
            raise SystemExit("no sign-in")
        ben.asks("ben@example.com")
        link = house.link_for("ben@example.com")
        offset.write_text("+1h")
        if ben.opens(link):
            raise SystemExit("a link of ten minutes works an hour later")
        rows = [house.count("SELECT count(*) FROM sessions"), house.count("SELECT count(*) FROM attempts")]
        offset.write_text("+400d")
        end(process)
        process = house.start()
        time.sleep(2)
        if ana.is_signed_in_as("ana@example.com"):
            raise SystemExit("a session outlives its end")
        offset.write_text("+2h")
        end(process)
        process = house.start()
        left = [house.count("SELECT count(*) FROM sessions"), house.count("SELECT count(*) FROM attempts")]
        if any(now < before for now, before in zip(left, rows)):
            raise SystemExit(f"a clock that was ahead for a moment deleted rows: {rows}, then {left}")
        if not ana.is_signed_in_as("ana@example.com"):
            raise SystemExit("a clock that was ahead for a moment ended a session")
        eve = house.visitor()
        eve.asks("eve@example.com")
        # An email that still waits when the clock is set back leaves once the clock is there again.
        link = house.link_for("eve@example.com")
        offset.write_text("-3h")
        if not eve.opens(link):
            raise SystemExit("a link does not survive a clock that was set back")
        if eve.opens(link):
            raise SystemExit("a link works twice after the clock was set back")
        return "the clock an hour, 400 days ahead and 5 hours back: links expired, nothing was deleted, sessions were back"
    finally:
        end(process)
        house.clean()
