#!/usr/bin/env python3
"""Holds the documentation against what it documents.

- proto/README.md tells every Reason of common.proto with its status code and its meaning;
- proto/README.md shows client/examples/grpc_get.py as it is;
- every path that README.md names in its map exists.

`docs.py --write` brings the first two up to date.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "proto/tacit/v1/common.proto"
PROTO_README = ROOT / "proto/README.md"
EXAMPLE = ROOT / "client/examples/grpc_get.py"


def reason_table():
    body = re.search(r"enum Reason \{(.*?)\n\}", CONTRACT.read_text(encoding="utf-8"), re.DOTALL).group(1)
    rows = ["| reason | number | status | when |", "|---|---|---|---|"]
    for comment, name, number in re.findall(r"((?: +//[^\n]*\n)+) +REASON_(\w+) = (\d+);", body):
        text = " ".join(line.strip().removeprefix("//").strip() for line in comment.strip().splitlines())
        status, colon, meaning = text.partition(": ")
        if not colon or not re.fullmatch(r"[A-Z_]+", status):
            status, meaning = "", text
        rows.append(f"| `{name}` | {number} | {status} | {meaning[0].lower()}{meaning[1:]} |")
    if len(rows) < 20:
        raise SystemExit("docs.py: cannot read the reasons of common.proto any more")
    return "\n".join(rows)


def example():
    return "```python\n" + EXAMPLE.read_text(encoding="utf-8").rstrip("\n") + "\n```"


GENERATED = {"reasons": reason_table, "example": example}


def with_generated_parts(text):
    for name, make in GENERATED.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"docs.py: proto/README.md has lost its marks {begin} {end}")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


def paths_in_the_map():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    map_of_house = re.search(r"## The house\n.*?```\n(.*?)```", text, re.DOTALL)
    if map_of_house is None:
        raise SystemExit("docs.py: README.md has lost its map (## The house)")
    paths = [line.split()[0] for line in map_of_house.group(1).splitlines() if line.strip()]
    if len(paths) < 8:
        raise SystemExit("docs.py: the map in README.md is too short to be true")
    return paths


def main():
    text = PROTO_README.read_text(encoding="utf-8")
    wanted = with_generated_parts(text)
    if sys.argv[1:] == ["--write"]:
        PROTO_README.write_text(wanted, encoding="utf-8")
        text = wanted
    problems = [] if text == wanted else ["proto/README.md is out of date: run tests/lint/docs.py --write"]
    problems += [f"README.md names {path}, which is not there"
                 for path in paths_in_the_map() if not (ROOT / path).exists()]
    for problem in problems:
        print(f"docs.py: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
