#!/usr/bin/env python3
"""Prints what sections of a guide tell an operator to type, as a script for a shell: commands, settings, a program, a unit.

Usage: guide.py DOCUMENT SETTINGS SECTION...    SETTINGS is a file whose lines follow those of the guide, and count
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SETTING = re.compile(r"^GATEPOST_\w+='[^']*'$")
# What is tried elsewhere: a build, and what cron runs.
LEFT_OUT = re.compile(r"^(cargo |[\d*]+ [\d*]+ \* )")
PATIENT = "until {}\ndo sleep 0.2; done"


def section(text, heading):
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", FENCED.sub(hide, text), re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"there is no section {heading}")
    return text[found.start(2) : found.end(2)]


def hide(block):
    """A comment of a script begins like a heading."""
    return re.sub(r"^#", " ", block[0], flags=re.MULTILINE)


def file(name, text, command="cat >"):
    return f"{command}{name} <<'END-OF-FILE'\n{text}END-OF-FILE\n"


def script(language, block, settings):
    lines = block.splitlines()
    if block.startswith("#!"):
        name = "/usr/local/sbin/as-gatepost"
        return file(name, block) + f"chmod 755 {name}\n"
    if language == "ini":
        return file(lines[0].removeprefix("# "), block)
    if language != "sh":
        return ""
    if all(SETTING.match(line) for line in lines):
        return file("/etc/gatepost.env", block + settings, "cat >>")
    typed = [line for line in lines if not LEFT_OUT.match(line) and not SETTING.match(line)]
    # A reader of the log looks again until it is there.
    return "".join(f"timeout 20 sh -c '{PATIENT.format(line)}'\n" if line.startswith("journalctl") else f"{line}\n" for line in typed)


def main():
    document, settings, *headings = sys.argv[1:]
    text = pathlib.Path(document).read_text()
    for heading in headings:
        for language, block in BLOCK.findall(section(text, heading)):
            print(script(language, block, pathlib.Path(settings).read_text()), end="")


main()
