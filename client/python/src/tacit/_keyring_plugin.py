"""What the entry point in the group `keyring.backends` names."""

from __future__ import annotations


def register() -> None:
    """Makes the backend known, but where there is no libtacit: there it would take every password
    from the backends that work."""
    from ._native import library
    from .errors import LibraryNotFoundError

    try:
        library()
    except LibraryNotFoundError:
        return
    from . import keyring_backend  # noqa: F401  # keyring keeps the classes that it sees made
