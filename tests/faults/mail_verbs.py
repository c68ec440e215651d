"""An email server that fails at each verb, in each way, and then is well."""

import concurrent.futures
import socketserver
import threading
import time

from house import House, end
from visitor import eventually, links_of

VERBS = ["connect", "EHLO", "MAIL", "RCPT", "DATA", "the final dot"]
ACTIONS = {"hangs up": None, "puts off": b"451 4.3.0 later\r\n", "refuses": b"554 5.7.1 no\r\n", "talks nonsense": b"\xff\x00 what?\r\n"}
# A refusal of the recipient or of the email itself is the end of it, and an admin sees it. One of
# the sender is tried again.
FINAL = {("RCPT", "refuses"), ("DATA", "refuses"), ("the final dot", "refuses")}


class Sink(socketserver.ThreadingTCPServer):
    """Fails at one verb in the first conversations that get there, then takes every email."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, verb=None, action=None, times=1):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.verb, self.action, self.left = verb, action, times if verb else 0
        self.lock, self.taken, self.failed = threading.Lock(), [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}?tls=none"

    def fails_at(self, verb):
        with self.lock:
            if verb != self.verb or self.left == 0:
                return False
            self.left -= 1
            self.failed += 1
            return True


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.converse()
        except OSError:
            pass

    def fails(self, verb):
        """Returns whether this conversation is over."""
        if not self.server.fails_at(verb):
            return False
        answer = ACTIONS[self.server.action]
        if answer is not None:
            self.wfile.write(answer)
        return True

    def converse(self):
        if self.fails("connect"):
            return
        self.wfile.write(b"220 sink\r\n")
        recipient = None
        while line := self.rfile.readline():
            verb = line[:4].upper().decode("latin-1")
            if verb in VERBS and self.fails(verb):
                return
            if verb == "RCPT":
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                self.wfile.write(b"250 ok\r\n")
            elif verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                message = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    message += part
                if self.fails("the final dot"):
                    return
                with self.server.lock:
                    self.server.taken.append((recipient, message))
                self.wfile.write(b"250 taken\r\n")
            elif verb == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def one(binary, postgres, verb, action):
    """Returns how the email to one user fared, after how many seconds."""
    sink = Sink(verb, action)
    house = House(binary, postgres, GATEPOST_MAIL_URL=sink.url())
    address = f"ana-{verb}-{action}@example.com".replace(" ", "-").lower()
    house.run("account", "add", address)
    process = house.start()
    try:
        visitor, began = house.visitor(), time.monotonic()
        if not visitor.asks(address):
            raise SystemExit("the server did not take the address")

        def known():
            if any(to == address for to, _ in sink.taken):
                return "arrived"
            rows = house.sql(f"SELECT state, reply FROM outbox WHERE recipient = '{address}'")
            return rows and rows[0][0] == "dead" and rows[0][1] and "given up, in the server's words"

        fate = eventually(f"word of the email ({verb} {action})", known, 150)
        seconds = time.monotonic() - began
        if sink.failed != 1:
            raise SystemExit(f"{verb} {action}: the fault did not happen")
        if (fate == "arrived") == ((verb, action) in FINAL):
            raise SystemExit(f"{verb} {action}: {fate}")
        if fate == "arrived":
            link = links_of(next(message for to, message in sink.taken if to == address))[0]
            if not visitor.opens(link) or not visitor.is_signed_in_as(address):
                raise SystemExit(f"{verb} {action}: the link does not work")
            if visitor.opens(link):
                raise SystemExit(f"{verb} {action}: the link works twice")
        return verb, action, fate, seconds
    finally:
        end(process)
        house.clean()
        sink.shutdown()
        sink.server_close()


def run(binary, databases, short):
    cases = [(verb, action) for verb in VERBS for action in ACTIONS]
    # The short form leaves out what has to wait long.
    if short:
        cases = [("RCPT", "refuses"), ("DATA", "hangs up"), ("the final dot", "puts off")]
    urls = [databases() if databases else None for _ in cases]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        fates = list(pool.map(lambda url, case: one(binary, url, *case), urls, cases))
    slowest = max(seconds for _, _, fate, seconds in fates if fate == "arrived")
    given_up = sum(fate != "arrived" for _, _, fate, _ in fates)
    return f"{len(cases)} faults at {len(VERBS)} verbs: {len(cases) - given_up} emails arrived, the slowest after {slowest:.0f} s; {given_up} refusals shown"
