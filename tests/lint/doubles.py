#!/usr/bin/python3
"""Functions and variables that two rooms define under one name: the linker takes the first archive's
without a word, and one room then runs the other's code.

    doubles.py ARCHIVE...      rooms that end up in one program
"""

import collections
import subprocess
import sys

STRONG = set("TDBR")


def symbols(archive):
    printed = subprocess.run(["nm", "--defined-only", archive], check=True, capture_output=True,
                             text=True).stdout
    for line in printed.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in STRONG:
            yield words[2]


def main():
    homes = collections.defaultdict(set)
    for archive in sys.argv[1:]:
        for symbol in symbols(archive):
            homes[symbol].add(archive)
    if not homes:
        sys.exit("doubles.py: no symbol in any archive given")
    doubles = {symbol: rooms for symbol, rooms in homes.items() if len(rooms) > 1}
    for symbol, rooms in sorted(doubles.items()):
        name = subprocess.run(["c++filt", symbol], check=True, capture_output=True,
                              text=True).stdout.strip()
        print(f"doubles.py: {name} is defined in {' and '.join(sorted(rooms))}")
    sys.exit(1 if doubles else 0)


if __name__ == "__main__":
    main()
