"""What the daemon tells of items."""

from __future__ import annotations

from ._native import library
from .secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Item:
    """One version of an item: its metadata and, where it was asked for, its value.

    Times are seconds since the epoch; `expires` is None for what never does.
    """

    __slots__ = (
        "collection", "name", "version", "attributes", "content_type", "created", "modified",
        "expires", "size", "value",
    )

    collection: str
    name: str
    version: int
    attributes: dict[str, str]
    content_type: str
    created: float
    modified: float
    expires: float | None
    size: int  # of the value, in bytes
    value: Secret | None

    def __repr__(self) -> str:
        return f"<tacit.Item {self.collection!r} {self.name!r}, version {self.version}>"


def item_from(handle: int, value: Secret | None = None) -> Item:
    """Of a tacit_item, which stays its owner's."""
    native = library()
    item = Item()
    item.collection = native.item_collection(handle).decode()
    item.name = native.item_name(handle).decode()
    item.version = native.item_version(handle)
    item.attributes = {
        native.item_attribute_key(handle, i).decode():
            native.item_attribute_value(handle, i).decode()
        for i in range(native.item_attribute_count(handle))
    }
    item.content_type = native.item_content_type(handle).decode()
    item.created = native.item_created(handle) / 1000
    item.modified = native.item_modified(handle) / 1000
    expires = native.item_expires(handle)
    item.expires = expires / 1000 if expires else None
    item.size = native.item_value_size(handle)
    item.value = value
    return item


def items_from(handle: int) -> list[Item]:
    """Of tacit_items, which are freed."""
    native = library()
    try:
        return [item_from(native.items_at(handle, i)) for i in range(native.items_count(handle))]
    finally:
        native.items_free(handle)


class Token:
    """Which item is a token, and the user name that goes with it (empty: none in particular)."""

    __slots__ = ("collection", "name", "username")

    def __init__(self, collection: str, name: str, username: str) -> None:
        self.collection = collection
        self.name = name
        self.username = username

    @classmethod
    def read(cls, handle: int) -> Token:
        """Of a tacit_token, which stays its owner's."""
        native = library()
        return cls(
            native.token_collection(handle).decode(),
            native.token_name(handle).decode(),
            native.token_username(handle).decode(),
        )


class Change:
    """What happened to an item. `kind` is ``"set"`` (a version was stored), ``"deleted"``
    (deleted, purged or renamed away) or ``"overflow"`` (changes were dropped: read again)."""

    __slots__ = ("kind", "collection", "name", "version")

    def __init__(self, kind: str, collection: str, name: str, version: int) -> None:
        self.kind = kind
        self.collection = collection
        self.name = name
        self.version = version

    def __repr__(self) -> str:
        return f"<tacit.Change {self.kind}: {self.collection!r} {self.name!r}>"


class Status:
    """How the daemon is. `vault` is ``"none"``, ``"locked"``, ``"unlocked"`` or ``"unusable"``;
    `prompter` says whether questions can be asked of the user in a window."""

    __slots__ = ("vault", "version", "pid", "vault_path", "prompter")

    VAULTS = ("", "none", "locked", "unlocked", "unusable")

    def __init__(self, handle: int) -> None:
        """Of a tacit_status, which is freed."""
        native = library()
        try:
            state: Any = native.status_vault_state(handle)
            self.vault: str = self.VAULTS[state] if 0 < state < len(self.VAULTS) else "unusable"
            self.version: str = native.status_version(handle).decode()
            self.pid: int = native.status_pid(handle)
            self.vault_path: str = native.status_vault_path(handle).decode("utf-8", "replace")
            self.prompter: bool = native.status_prompter(handle) >= 2
        finally:
            native.status_free(handle)

    def __repr__(self) -> str:
        return f"<tacit.Status: {self.vault}, version {self.version}, pid {self.pid}>"
