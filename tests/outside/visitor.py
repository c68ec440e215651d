"""A browser without JavaScript, the emails in a folder, and free ports: what the scripts share."""

import email
import email.policy
import http.client
import pathlib
import re
import socket
import time
import urllib.parse

LINK = re.compile(r"https?://[^\s/]+(/auth/verify\?token=[^\s>]+)")


class Visitor:
    """One request for each connection, cookies, no redirects. Talks to 127.0.0.1."""

    def __init__(self, port, host=None, patience=30):
        self.port, self.host, self.patience = port, host or f"localhost:{port}", patience
        self.cookies = {}

    def ask(self, method, path, fields=None, headers=None):
        """Returns status, headers and text. Raises OSError or HTTPException if no whole answer comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        sent = {"Host": self.host, "Connection": "close", "User-Agent": "Firefox/140.0 (Linux)"}
        body = None
        if method == "POST":
            sent |= {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
            body = urllib.parse.urlencode(fields or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent | (headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace").replace("<wbr>", "")
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            pair, _, attributes = cookie.partition(";")
            name, _, value = pair.partition("=")
            if "max-age=0" in attributes.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer.status, answer.headers, text

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **fields):
        return self.ask("POST", path, fields)

    def asks(self, address):
        """Asks for an email. Returns whether the server took the request."""
        return self.post("/login", email=address)[0] == 303

    def opens(self, link):
        """Opens a link and presses its button. Returns whether that signed in."""
        self.get(link)
        status, headers, _ = self.post("/auth/verify")
        return status == 303 and headers.get("Location") != "/auth/verify"

    def is_signed_in_as(self, address):
        status, _, text = self.get("/account")
        return status == 200 and address in text


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(what, look, patience=60):
    """Looks again and again, and returns the first answer that is true."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if found := look():
                return found
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise SystemExit(f"never: {what}")


def links_of(message):
    """Returns the links in an email, as paths."""
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    text = parsed.get_body(("plain",)).get_content()
    return LINK.findall(text)


def mails_in(folder, parsed=None):
    """Returns address and link of each email in a folder that has a link. `parsed` keeps what was read before."""
    parsed = {} if parsed is None else parsed
    for file in sorted(pathlib.Path(folder).glob("*.eml")):
        if file.name not in parsed:
            message = file.read_bytes()
            links = links_of(message)
            to = email.message_from_bytes(message, policy=email.policy.default)["To"].addresses[0].addr_spec
            parsed[file.name] = (to, links[0]) if links else None
    return [mail for mail in parsed.values() if mail]
