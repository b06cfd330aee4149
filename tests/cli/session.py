#!/usr/bin/python3
"""Plays scripted sessions against the real daemon and compares what they print.

    session.py --tacit PATH --tacitd PATH FILE...

A session is a text file:

    # a comment
    @ vault            start the daemon and make an unlocked vault (passphrase file: `pass`)
    @ daemon           start the daemon alone
    @ stop             end it
    @ autostart        let the client start it
    @ needs COMMAND    skip the session where this fails
    @ NAME=VALUE       set a variable for what follows; `@ NAME=` alone removes it
    $ command          run by /bin/sh in a scratch folder, standard input is /dev/null
    > more of it       a further line of the command
    text               a line expected on standard output
    ! text             a line expected on standard error
    ? 4                the expected exit code, if it is not 0

`[..]` in an expected line stands for any text; an empty line of output is written as `\\`.
All of standard output and standard error has to be told. The scratch folder is printed as
`SCRATCH`, the user's id as `UID`.
"""

import argparse
import os
import re
import sys

from scratch import Scratch


SKIPPED = 77  # what CTest is told by SKIP_RETURN_CODE


class Unmet(Exception):
    """A session cannot be played here."""


class Step:
    def __init__(self, number, kind, text):
        self.number, self.kind, self.text = number, kind, text
        self.out, self.err, self.code = [], [], 0


def parse(path):
    steps = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            mark, text = line[:2], line[2:]
            if mark in ("$ ", "@ "):
                steps.append(Step(number, mark[0], text))
            elif not steps or steps[-1].kind != "$":
                raise SystemExit(f"{path}:{number}: expected output before any command")
            elif mark == "> ":
                steps[-1].text += "\n" + text
            elif mark == "? ":
                steps[-1].code = int(text)
            elif mark == "! ":
                steps[-1].err.append(text)
            else:
                steps[-1].out.append("" if line == "\\" else line)
    return steps


def matches(expected, printed):
    if len(expected) != len(printed):
        return False
    for pattern, line in zip(expected, printed):
        if not re.fullmatch(".*".join(map(re.escape, pattern.split("[..]"))), line):
            return False
    return True


def lines(raw, scratch):
    text = raw.decode(errors="backslashreplace").replace(scratch.root, "SCRATCH")
    return text[:-1].split("\n") if text.endswith("\n") else text.split("\n") if text else []


def direct(scratch, text):
    if text == "vault":
        scratch.start_daemon()
        scratch.make_vault()
    elif text == "daemon":
        scratch.start_daemon()
    elif text == "stop":
        scratch.stop_daemon()
    elif text == "autostart":
        del scratch.environment["TACIT_AUTOSTART"]
    elif text.startswith("needs "):
        if scratch.run(text.removeprefix("needs ")).returncode != 0:
            raise Unmet(text)
    elif "=" in text:
        name, value = text.split("=", 1)
        value = value.replace("SCRATCH", scratch.root)
        if value:
            scratch.environment[name] = value
        else:
            scratch.environment.pop(name, None)
    else:
        raise SystemExit(f"unknown directive: @ {text}")


def show(label, expected, printed):
    return "".join([f"  expected {label}:\n"] + [f"    {line}\n" for line in expected] +
                   [f"  printed {label}:\n"] + [f"    {line}\n" for line in printed])


def play(path, tacit, tacitd):
    failures = 0
    steps = parse(path)
    if not any(step.kind == "$" for step in steps):
        raise SystemExit(f"{path}: no command in it")
    with Scratch(tacit, tacitd) as scratch:
        for step in steps:
            if step.kind == "@":
                direct(scratch, step.text)
                continue
            done = scratch.run(step.text)
            out, err = lines(done.stdout, scratch), lines(done.stderr, scratch)
            problems = ""
            if done.returncode != step.code:
                problems += f"  expected exit {step.code}, got {done.returncode}\n"
            if not matches(step.out, out):
                problems += show("standard output", step.out, out)
            if not matches(step.err, err) or (problems and err):
                problems += show("standard error", step.err, err)
            if problems:
                failures += 1
                print(f"{path}:{step.number}: $ {step.text}\n{problems}")
        if failures:
            print(f"the daemon said:\n{scratch.daemon_log()}")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tacit", required=True)
    parser.add_argument("--tacitd", required=True)
    parser.add_argument("sessions", nargs="+")
    options = parser.parse_args()
    os.umask(0o077)
    failures = 0
    skipped = []
    for path in options.sessions:
        try:
            failures += play(path, options.tacit, options.tacitd)
        except Unmet as why:
            skipped.append(path)
            print(f"{path}: skipped, it {why}")
    sys.exit(1 if failures else SKIPPED if skipped == options.sessions else 0)


if __name__ == "__main__":
    main()
