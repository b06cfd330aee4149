#!/usr/bin/python3
"""Records packaging/first-minute.svg, the picture in README.md: real commands, on a terminal, with
the real daemon and a throwaway vault.

    record.py --tacit PATH --tacitd PATH --write   make it anew
    record.py --tacit PATH --tacitd PATH           fail if it is not what these programs do

What differs each time, the recovery key, is replaced by dots.
"""

import argparse
import fcntl
import html
import os
import re
import struct
import sys
import termios

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../cli"))
from scratch import PASSPHRASE, Scratch  # noqa: E402
from terminal import Terminal  # noqa: E402

PICTURE = os.path.join(HERE, "../../packaging/first-minute.svg")
COLUMNS, ROWS = 88, 24

# A command, and what is typed when it asks: pattern and answer; None: that group of the key.
GROUP = (r"Group (\d+) of \d+[^\n]*: ", None)
SCRIPT = [
    ("tacit init", [("passphrase: ", PASSPHRASE), ("same again: ", PASSPHRASE), GROUP, GROUP]),
    ("tacit set github/token", [("Value for [^\n]*: ", "not-a-real-token")]),
    ("tacit generate wifi/guest --length 20", []),
    ("tacit list", []),
    ("tacit run -e GITHUB_TOKEN=github/token --mask -- printenv GITHUB_TOKEN", []),
    ("tacit gte github/token", []),
    ("tacit lock", []),
    ("tacit get github/token --no-input", []),
]


def play(scratch, command, answers):
    """What stands on the terminal in the end."""
    with Terminal(scratch, ["/bin/sh", "-c", "read go; " + command]) as terminal:
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        terminal.type("\n")
        begin = terminal.expect("\n").end()
        groups = []
        for pattern, answer in answers:
            found = terminal.expect(pattern)
            if answer is None:
                key = re.search(r"\n    ([0-9A-Za-z]+(?:[ -][0-9A-Za-z]+)+)\r\n",
                                terminal.transcript)
                groups = re.split("[- ]", key.group(1))
                answer = groups[int(found.group(1)) - 1]
            terminal.type(answer + "\n")
        terminal.wait()
        text = terminal.transcript[begin:]
        for group in groups:
            text = text.replace(group, "·" * len(group))
        # Which groups are asked for is drawn.
        numbers = iter("25")
        text = re.sub(r"Group \d+", lambda _: "Group " + next(numbers), text)
        return text.replace("\r\n", "\n").rstrip("\n")


def pieces(line):
    """Text and whether it is red, by the only sequences that there are."""
    red = False
    for part in re.split(r"(\x1b\[[0-9;?]*[a-zA-Z])", line):
        if part.startswith("\x1b"):
            red = part == "\x1b[31m"
        elif part:
            yield part, red


STYLE = """
  text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d6deeb;
         white-space: pre }
  .p { fill: #7fdbca } .c { fill: #ffffff } .r { fill: #ff7a85 }
  g { animation: on 1ms both }
  @keyframes on { from { opacity: 0 } to { opacity: 1 } }
  @media (prefers-reduced-motion: reduce) { g { animation: none } }
"""


def picture(recorded):
    line_height, left, top = 18, 18, 50
    rows, at, y = [], 0.4, top
    for command, output in recorded:
        rows.append(f'<g style="animation-delay:{at:.2f}s"><text x="{left}" y="{y}">'
                    f'<tspan class="p">$ </tspan><tspan class="c">{html.escape(command)}</tspan>'
                    "</text></g>")
        y += line_height
        at += 0.5 + len(command) * 0.02
        for line in output.split("\n") if output else []:
            spans = "".join(f'<tspan class="r">{html.escape(text)}</tspan>' if red
                            else html.escape(text) for text, red in pieces(line))
            if spans:
                rows.append(f'<g style="animation-delay:{at:.2f}s"><text x="{left}" y="{y}">'
                            f"{spans}</text></g>")
            y += line_height
            at += 0.15
        at += 0.6
    width, height = 2 * left + COLUMNS * 8, y - line_height + 16
    dots = "".join(f'<circle cx="{20 + 18 * i}" cy="18" r="5.5" fill="{colour}"/>'
                   for i, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" '
            'aria-label="A terminal: a vault is made, a token stored, given to a command, locked">\n'
            f"<style>{STYLE}</style>\n"
            f'<rect width="{width}" height="{height}" rx="8" fill="#0b1623"/>\n{dots}\n'
            + "\n".join(rows) + "\n</svg>\n")


def record(tacit, tacitd):
    with Scratch(tacit, tacitd) as scratch:
        scratch.start_daemon()
        return picture([(command, play(scratch, command, answers)) for command, answers in SCRIPT])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tacit", required=True)
    parser.add_argument("--tacitd", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    made = record(options.tacit, options.tacitd)
    if options.write:
        with open(PICTURE, "w", encoding="utf-8") as file:
            file.write(made)
        return
    with open(PICTURE, encoding="utf-8") as file:
        there = file.read()
    if made != there:
        sys.exit("packaging/first-minute.svg is not what tacit does any more; see --write in "
                 "tests/recording/record.py\n" + made)


if __name__ == "__main__":
    main()
