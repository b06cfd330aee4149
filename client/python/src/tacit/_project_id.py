"""The id of a project, in the `.env` of its folder, as cli/project_link.h has it."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import tempfile
import uuid

from .errors import InvalidArgumentError, TacitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

_LINE = re.compile(
    r"[ \t\r]*(?:export[ \t\r]+)?(?:USER_SECRETS_ID|ENV_SECRETS_ID)[ \t\r]*=(.*)", re.DOTALL
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_BYTES = 1024 * 1024


def find(folder: str) -> tuple[str, str] | None:
    """The id and the folder of the nearest project: in this folder or one above it."""
    place = os.path.realpath(folder)
    while True:
        found = id_in(place)
        if found is not None:
            return found, place
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above


def id_in(folder: str) -> str | None:
    """InvalidArgumentError: what stands there is no UUID, or two of them."""
    path = os.path.join(folder, ".env")
    content = _read(path)
    return None if content is None else parse(content, path)


def parse(content: str, path: str) -> str | None:
    found = None
    for number, line in enumerate(content.removeprefix("\ufeff").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        value = _without_quotes(re.split(r"(?<=.)(?<=[ \t\r])#", match[1], 1)[0].strip(" \t\r"))
        text = value.lower()
        if not _UUID.fullmatch(text):
            raise _wrong(path, number, "the project's id is no UUID")
        if found is not None and found != text:
            raise _wrong(path, number, "another project's id than the one before it")
        found = text
    return found


def ensure(folder: str) -> str:
    """The id of exactly this folder, written to its `.env` if there is none yet."""
    place = os.path.realpath(folder)
    lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without: the last of two at once counts
        found = id_in(place)
        if found is None:
            found = str(uuid.uuid4())
            _append(_file_of(place), f"USER_SECRETS_ID={found}\n")
        return found
    finally:
        os.close(lock)


def _wrong(path: str, line: int, what: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{path}:{line}: {what}", "INVALID_ARGUMENT")


def _without_quotes(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _read(path: str) -> str | None:
    """None: there is no such regular file, but a virtual environment, say."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
    except FileNotFoundError:
        return None
    with open(path, "rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise TacitError(f"{path} has over 1 MiB, which no `.env` of a project has", "LIMIT")
    return content.decode("utf-8", "surrogateescape")


def _file_of(folder: str) -> str:
    """The file itself where `.env` is a symbolic link within the folder."""
    path = os.path.join(folder, ".env")
    real = os.path.realpath(path)
    if real != path and os.path.commonpath([real, folder]) != folder:
        raise InvalidArgumentError(
            f"{path} is a symbolic link out of the folder, and is not followed", "INVALID_ARGUMENT"
        )
    return real


def _append(path: str, line: str) -> None:
    """Through a new file, so that nobody reads half of it and nothing of the old one is lost."""
    try:
        with open(path, "rb") as before:
            content = before.read()
            mode = stat.S_IMODE(os.fstat(before.fileno()).st_mode)
    except FileNotFoundError:
        content, mode = b"", 0o600
    if content and not content.endswith(b"\n"):
        content += b"\n"
    file, beside = tempfile.mkstemp(prefix=".env.", dir=os.path.dirname(path))
    try:
        with open(file, "wb") as after:
            os.fchmod(file, mode)
            after.write(content + line.encode())
            after.flush()
            os.fsync(file)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def lines(folder: str) -> Iterator[tuple[str, str]]:
    """The variables that a `.env` sets in its simplest form: `NAME=VALUE`, a leading `export`, one
    pair of quotes; no escapes, no expansion."""
    content = _read(os.path.join(folder, ".env"))
    for line in (content or "").removeprefix("\ufeff").split("\n"):
        name, equals, value = line.strip().partition("=")
        name = re.sub(r"^export\s+", "", name).strip()
        if equals and name and not name.startswith("#"):
            yield name, _without_quotes(value.strip())
