"""libtacit: where it is, and its C functions as client/include/tacit/tacit.h declares them."""

from __future__ import annotations

import ctypes
import os
import sys

from .errors import InvalidArgumentError, LibraryNotFoundError, TacitError, error_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

FILE_NAME = "libtacit.0.dylib" if sys.platform == "darwin" else "libtacit.so.0"

_P = ctypes.c_void_p  # a handle, or an error
_S = ctypes.c_char_p
_I = ctypes.c_int
_N = ctypes.c_size_t
_U64 = ctypes.c_uint64
_I64 = ctypes.c_int64
_OUT = ctypes.POINTER(ctypes.c_void_p)
_OUT_U64 = ctypes.POINTER(ctypes.c_uint64)
_TEXTS = ctypes.POINTER(ctypes.c_char_p)
CHANGE_CALLBACK = ctypes.CFUNCTYPE(_I, _P, _I, _S, _S, _U64)

# name: (result, arguments...). Each is bound when it is used first.
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "version": (_S,),
    "reason_name": (_S, _I),
    "error_code": (_I, _P),
    "error_message": (_S, _P),
    "error_free": (None, _P),
    "buffer_data": (_P, _P),
    "buffer_size": (_N, _P),
    "buffer_free": (None, _P),
    "wipe": (None, _P, _N),
    "client_new": (_P,),
    "client_free": (None, _P),
    "client_set_socket": (None, _P, _S),
    "client_set_deadline": (None, _P, _I64),
    "client_set_autostart": (None, _P, _I),
    "client_set_interaction": (None, _P, _I),
    "client_set_stopper": (None, _P, _P),
    "get_status": (_P, _P, _OUT),
    "status_vault_state": (_I, _P),
    "status_version": (_S, _P),
    "status_pid": (_I64, _P),
    "status_vault_path": (_S, _P),
    "status_prompter": (_I, _P),
    "status_free": (None, _P),
    "create": (_P, _P, _I, _P, _N, _OUT),
    "unlock": (_P, _P, _I, _P, _N, _P, _P),
    "lock": (_P, _P, ctypes.POINTER(_I)),
    "get": (_P, _P, _S, _S, _OUT),
    "get_reference": (_P, _P, _S, _OUT),
    "get_item": (_P, _P, _S, _S, _U64, _OUT),
    "describe": (_P, _P, _S, _S, _U64, _OUT),
    "item_collection": (_S, _P),
    "item_name": (_S, _P),
    "item_version": (_U64, _P),
    "item_content_type": (_S, _P),
    "item_created": (_I64, _P),
    "item_modified": (_I64, _P),
    "item_expires": (_I64, _P),
    "item_value_size": (_U64, _P),
    "item_attribute_count": (_N, _P),
    "item_attribute_key": (_S, _P, _N),
    "item_attribute_value": (_S, _P, _N),
    "item_value": (_P, _P),
    "item_free": (None, _P),
    "get_all": (_P, _P, _S, _OUT),
    "get_project": (_P, _P, _S, _S, _S, _OUT),
    "found_count": (_N, _P),
    "found_name": (_S, _P, _N),
    "found_item": (_P, _P, _N),
    "found_error": (_P, _P, _N),
    "found_free": (None, _P),
    "changes_new": (_P,),
    "changes_no_attributes": (None, _P),
    "changes_attribute": (None, _P, _S, _S),
    "changes_content_type": (None, _P, _S),
    "changes_expires": (None, _P, _I64),
    "changes_expected_version": (None, _P, _U64),
    "changes_free": (None, _P),
    "set": (_P, _P, _S, _S, _P, _N, _P, _OUT_U64),
    "get_or_ask": (_P, _P, _S, _S, _S, _P, _OUT),
    "delete": (_P, _P, _S, _S, _I, _U64),
    "list": (_P, _P, _S, _I, _OUT),
    "search": (_P, _P, _TEXTS, _TEXTS, _N, _S, _OUT),
    "items_count": (_N, _P),
    "items_at": (_P, _P, _N),
    "items_free": (None, _P),
    "list_collections": (_P, _P, _OUT),
    "collections_count": (_N, _P),
    "collections_name": (_S, _P, _N),
    "collections_items": (_U64, _P, _N),
    "collections_free": (None, _P),
    "watch_until": (_P, _P, _S, _TEXTS, _N, CHANGE_CALLBACK, _P, _P),
    "stopper_new": (_P,),
    "stopper_stop": (None, _P),
    "stopper_free": (None, _P),
    "resolve_project": (_P, _P, _S, _S, _S, _OUT),
    "link_project": (_P, _P, _S, _S, _S, _OUT),
    "project_collection": (_S, _P),
    "project_free": (None, _P),
    "client_set_renewal": (None, _P, _I),
    "token_for_url": (_P, _P, _S, _S, _OUT),
    "token_collection": (_S, _P),
    "token_name": (_S, _P),
    "token_username": (_S, _P),
    "token_free": (None, _P),
    "renew_token": (_P, _P, _S, _S, _I, _OUT_U64),
    "add_package_manager": (_P, _P, _S, _S, _S, _S, _S, _OUT_U64),
    "clear_project": (_P, _P, _S, _OUT_U64),
}


class Library:
    """libtacit's functions without their prefix: ``library.client_new()``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._loaded = ctypes.CDLL(path)

    def __getattr__(self, name: str) -> Any:
        result, *arguments = _SIGNATURES[name]
        try:
            function = getattr(self._loaded, "tacit_" + name)
        except AttributeError:
            raise LibraryNotFoundError(
                f"{self.path} is older than this package: it has no tacit_{name}"
            ) from None
        function.restype = result
        function.argtypes = arguments
        setattr(self, name, function)
        return function


def _places() -> Iterator[str]:
    """Files that may be the library: beside this package, in this Python's prefix, of the system,
    and where packaging/quickstart installs to."""
    multiarch = getattr(sys.implementation, "_multiarch", "")
    folder = os.path.dirname(os.path.realpath(__file__))
    prefixes = []
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        if os.path.basename(folder) in ("lib", "lib64"):
            prefixes.append(folder)
            break
    prefixes.append(os.path.join(sys.prefix, "lib"))
    for prefix in prefixes:
        for part in (multiarch, ""):
            path = os.path.join(prefix, part, FILE_NAME)
            if os.path.exists(path):
                yield path
    yield FILE_NAME  # the system's loader knows where
    for part in (multiarch, ""):
        path = os.path.join(os.path.expanduser("~/.local/lib"), part, FILE_NAME)
        if os.path.exists(path):
            yield path


def _load() -> Library:
    named = os.environ.get("TACIT_LIBRARY")
    if named:
        try:
            return Library(named)
        except OSError as problem:
            raise LibraryNotFoundError(f"TACIT_LIBRARY: {problem}") from None
    for path in _places():
        try:
            return Library(path)
        except OSError:
            continue
    raise LibraryNotFoundError(
        f"there is no {FILE_NAME}: install Tacit (packaging/quickstart), or name the file in "
        "TACIT_LIBRARY"
    )


_library: Library | None = None


def library() -> Library:
    """Loaded at the first call; LibraryNotFoundError if there is none."""
    global _library
    if _library is None:
        _library = _load()  # two threads at once load the same, which does no harm
    return _library


def text(value: str, what: str) -> bytes:
    """UTF-8 for C, which would take a NUL for the end."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise InvalidArgumentError(f"{_one(what)} holds no NUL", "INVALID_ARGUMENT")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise InvalidArgumentError(f"{_one(what)} is Unicode text", "INVALID_ARGUMENT") from None


def _one(what: str) -> str:
    return ("an " if what[0] in "aeiou" else "a ") + what


def text_or_none(value: str | None, what: str) -> bytes | None:
    return None if value is None else text(value, what)


def texts(values: list[str], what: str) -> Any:
    """An array of C texts."""
    return (ctypes.c_char_p * len(values))(*(text(value, what) for value in values))


def to_error(error: int) -> TacitError:
    """The exception for an error, which stays its owner's."""
    loaded = library()
    reason = loaded.reason_name(loaded.error_code(error)).decode()
    return error_for(reason, loaded.error_message(error).decode("utf-8", "replace"))


def check(error: int | None) -> None:
    """Raises what a call returned, if it did not go well."""
    if error is None:
        return
    try:
        raise to_error(error)
    finally:
        library().error_free(error)
