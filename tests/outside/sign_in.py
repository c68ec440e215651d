#!/usr/bin/env python3
"""Signs in by a link: asks for an email, opens its link and presses the button.

Usage: sign_in.py PORT MAIL_FOLDER ADDRESS [HOST]
"""

import sys

from visitor import Visitor, eventually, mails_in

port, folder, address = int(sys.argv[1]), sys.argv[2], sys.argv[3]
visitor = Visitor(port, *sys.argv[4:5])
eventually("the server is ready", lambda: visitor.get("/health/ready")[0] == 200)
if not visitor.asks(address):
    sys.exit("the server did not take the address")
link = eventually("the email", lambda: [link for to, link in mails_in(folder) if to == address])[-1]
if not visitor.opens(link):
    sys.exit("the link did not sign in")
if not visitor.is_signed_in_as(address):
    sys.exit("no session")
stranger = Visitor(port, *sys.argv[4:5])
if stranger.opens(link) or stranger.is_signed_in_as(address):
    sys.exit("the link worked twice")
print(f"signed in as {address}; the link works no second time")
