#!/usr/bin/env python3
"""Holds every #include and every link line against the arrows between the rooms of the house.

A room may include its own headers and those of the rooms named for it below, and use a foreign
library only where the table of libraries says so. See daemon/ARCHITECTURE.md.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Room (a folder) -> the rooms it may include, itself apart. The longest matching folder counts.
ROOMS = {
    "client/cpp/base": ["client/include"],
    "client/include": [],
    "client/cpp/terminal": ["client/include", "client/cpp/base"],
    "client/cpp": ["client/include", "client/cpp/base", "client/cpp/terminal"],
    "client/toml": ["client/include", "client/cpp/base"],
    "client/examples": ["client/include"],
    "cli": ["client/include", "client/cpp/base", "client/cpp/terminal", "client/toml"],
    "cli/token/oauth": ["client/include", "client/cpp/base", "client/cpp/terminal", "cli"],
    "daemon/base": ["client/include"],
    "daemon/config": ["client/include", "client/toml", "daemon/base"],
    "daemon/log": ["client/include", "daemon/base", "daemon/config"],
    "daemon/crypto": ["client/include", "daemon/base"],
    "daemon/os": ["client/include", "daemon/base"],
    "daemon/vault": ["client/include", "daemon/base", "daemon/crypto"],
    "daemon/session": ["client/include", "daemon/base", "daemon/crypto", "daemon/vault", "daemon/os"],
    "daemon/access": ["client/include", "daemon/base", "daemon/crypto", "daemon/vault", "daemon/os"],
    "daemon/tokens": ["client/include", "daemon/base", "daemon/crypto", "daemon/vault", "daemon/os"],
    "daemon/rpc": ["client/include", "daemon/base", "daemon/crypto", "daemon/vault", "daemon/session",
                   "daemon/access", "daemon/tokens", "daemon/os", "daemon/config", "daemon/log"],
    "daemon": ["client/include", "daemon/base", "daemon/crypto", "daemon/vault", "daemon/session",
               "daemon/access", "daemon/tokens", "daemon/os", "daemon/rpc", "daemon/config", "daemon/log"],
}

# Public headers that belong to the asking side alone: nothing in the daemon speaks to a daemon.
CLIENT_ONLY = {"tacit/access.h", "tacit/client.h", "tacit/credential.h", "tacit/tacit.h"}

# Pattern of a foreign header -> the rooms that may use it.
LIBRARIES = {
    r"grpc(pp|\+\+)?/.*|google/protobuf/.*|tacit/v1/.*\.pb\.h": ["daemon/rpc", "daemon", "client/examples"],
    r"spdlog/.*": ["daemon/log"],
    r"boost/.*": ["daemon/rpc", "daemon/session", "daemon/os", "daemon"],
    r"sqlite3\.h": ["daemon/vault"],
    r"absl/.*": ["daemon/base", "daemon/crypto", "daemon/os", "daemon/vault", "daemon/session",
                 "daemon/access", "daemon/tokens", "daemon/rpc", "daemon/config", "daemon/log", "daemon"],
    r"nghttp2/.*|protozero/.*": ["client/cpp"],
    r"CLI/.*": ["cli", "daemon"],
    r"toml\+\+/.*|toml\.hpp": ["client/toml"],
    r"jansson\.h": ["cli", "cli/token/oauth"],
    r"curl/.*": ["cli/token/oauth"],
    r"seccomp\.h|systemd/.*": ["daemon/os"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The room of a file, by its longest matching folder, or None outside the house."""
    folders = [room for room in ROOMS if path == room or path.startswith(room + "/")]
    return max(folders, key=len) if folders else None


def resolve(source, quoted):
    """The file in the repository that an include means, or None for a foreign header."""
    for base in (source.parent, ROOT, ROOT / "client/include"):
        candidate = (base / quoted).resolve()
        if candidate.is_file() and ROOT in candidate.parents:
            return candidate.relative_to(ROOT).as_posix()
    return None


def problems_in(path, text):
    """What the file `path` of the repository, with this text, includes against the arrows."""
    room = room_of(path)
    if room is None:
        return
    for match in INCLUDE.finditer(text):
        header = match.group(2)
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if room.startswith("daemon") and header in CLIENT_ONLY:
            yield f"{where}: the daemon never includes {header}"
        target = resolve(ROOT / path, header)
        if target is None:
            for pattern, allowed in LIBRARIES.items():
                if re.fullmatch(pattern, header) and room not in allowed:
                    yield f"{where}: {room} may not use {header}; only {', '.join(allowed)}"
            continue
        other = room_of(target)
        if other != room and other not in ROOMS[room]:
            yield f"{where}: {room} may not include {target} (of {other})"


def self_test():
    """The tables find what they are there to find."""
    wrong = [
        ("daemon/vault/x.cpp", "#include <grpcpp/grpcpp.h>"),
        ("daemon/access/x.cpp", '#include "tacit/v1/common.pb.h"'),
        ("daemon/session/x.h", "#  include <spdlog/spdlog.h>"),
        ("daemon/rpc/x.h", '#include "tacit/client.h"'),
        ("daemon/crypto/x.cpp", '#include "daemon/vault/vault.h"'),
        ("daemon/session/x.cpp", "#include <sqlite3.h>"),
        ("cli/x.cpp", '#include "daemon/base/status.h"'),
        ("client/cpp/x.cpp", '#include "daemon/base/status.h"'),
        ("cli/x.cpp", "#include <nghttp2/nghttp2.h>"),
        ("cli/token/x.cpp", "#include <curl/curl.h>"),
        ("cli/x.cpp", '#include "client/cpp/channel/channel.h"'),
    ]
    right = [
        ("daemon/rpc/x.cpp", "#include <grpcpp/grpcpp.h>"),
        ("daemon/vault/x.cpp", '#include <vector>\n#include "daemon/base/status.h"'),
        ("cli/x.cpp", '#include "tacit/client.h"'),
        ("tests/unit/x.cpp", '#include "daemon/vault/vault.h"'),
    ]
    for path, text in wrong:
        if not list(problems_in(path, text)):
            raise SystemExit(f"arrows.py no longer notices {text!r} in {path}")
    for path, text in right:
        for problem in problems_in(path, text):
            raise SystemExit(f"arrows.py complains of what is right: {problem}")


def main():
    self_test()
    sources = [path for folder in ("client", "cli", "daemon") for path in sorted((ROOT / folder).rglob("*"))
               if path.suffix in (".h", ".cpp")]
    problems = [problem for source in sources
                for problem in problems_in(source.relative_to(ROOT).as_posix(), source.read_text(encoding="utf-8"))]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
