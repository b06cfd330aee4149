"""What goes into libtacit's calls, and what they hand over."""

from __future__ import annotations

import os

from ._native import library, text, text_or_none, to_error
from .errors import InvalidArgumentError
from .items import Item, item_from
from .secret import Owner, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ctypes
    from typing import Mapping


class Changes:
    """A tacit_changes for a ``with`` block; None where there is nothing to say."""

    def __init__(
        self,
        attributes: Mapping[str, str] | None = None,
        content_type: str | None = None,
        expires: float | None = None,
        expected_version: int | None = None,
    ) -> None:
        self._handle: int | None = None
        if all(it is None for it in (attributes, content_type, expires, expected_version)):
            return
        native = library()
        self._handle = handle = native.changes_new()
        if attributes is not None:
            native.changes_no_attributes(handle)
            for key, value in attributes.items():
                native.changes_attribute(handle, text(key, "attribute"), text(value, "attribute"))
        if content_type is not None:
            native.changes_content_type(handle, text(content_type, "content type"))
        if expires is not None:
            native.changes_expires(handle, int(expires * 1000))
        if expected_version is not None:
            native.changes_expected_version(handle, expected_version)

    def __enter__(self) -> int | None:
        return self._handle

    def __exit__(self, *_: object) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            library().changes_free(handle)

    __del__ = __exit__


def handed_over(out: ctypes.c_void_p) -> int:
    assert out.value is not None  # a call that went well handed something over
    return out.value


def is_reference(collection: str | None, name: str) -> bool:
    return collection is None and isinstance(name, str) and name.startswith("tacit://")


def where(collection: str | None, name: str) -> tuple[bytes | None, bytes]:
    if is_reference(collection, name):
        raise InvalidArgumentError(
            f"{name} is a reference, which `get` alone takes; give name and collection apart",
            "INVALID_ARGUMENT",
        )
    return text_or_none(collection, "collection"), text(name, "name")


def project_in(project: str, folder: str | os.PathLike[str]) -> tuple[bytes, bytes]:
    path = os.fsencode(folder)
    if b"\0" in path:
        raise InvalidArgumentError("a folder's path holds no NUL", "INVALID_ARGUMENT")
    return text(project, "project"), path


def collection_of(project: int) -> str:
    native = library()
    try:
        name: str = native.project_collection(project).decode()
        return name
    finally:
        native.project_free(project)


def item_with_value(handle: int, owner: Owner | None = None) -> Item:
    """Of a tacit_item, which becomes its value's unless it is an owner's already."""
    native = library()
    if owner is None:
        owner = Owner(handle, native.item_free)
    value = Secret(owner, native.item_value(handle), native.item_value_size(handle))
    return item_from(handle, value)


def found_items(handle: int) -> list[Item]:
    """Of a tacit_found, which becomes the values'."""
    native = library()
    owner = Owner(handle, native.found_free)
    items: list[Item] = []
    for i in range(native.found_count(handle)):
        error = native.found_error(handle, i)
        if error is not None:
            raise to_error(error)
        items.append(item_with_value(native.found_item(handle, i), owner))
    return items
