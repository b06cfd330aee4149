"""Secrets of Tacit's vault.

    import tacit
    token = tacit.get("github/token").text()

The functions here use one `Client` of this process, which threads and forked children share.
For asyncio see `tacit.aio`, for notebooks `tacit.notebook`, for a project's secrets `tacit.env`.
"""

from __future__ import annotations

from .client import Client
from .errors import (
    AlreadyExistsError, CancelledError, ChangedError, DeadlineError, DeniedError, ExpiredError,
    InvalidArgumentError, LibraryNotFoundError, LockedError, LoginNeededError, NoDaemonError,
    NoPrompterError, NotFoundError, NoVaultError, PolicyDeniedError, RenewalError, RolledBackError,
    TacitError, TokenItemError, UntrustedFolderError, UserDeniedError, VaultDamagedError,
    WrongPassphraseError,
)
from .items import Change, Item, Status, Token
from .secret import Secret, wipe

__all__ = [
    "AlreadyExistsError", "CancelledError", "Change", "ChangedError", "Client", "DeadlineError",
    "DeniedError", "ExpiredError", "InvalidArgumentError", "Item", "LibraryNotFoundError",
    "LockedError", "LoginNeededError", "NoDaemonError", "NoPrompterError", "NotFoundError",
    "NoVaultError", "PolicyDeniedError", "RenewalError", "RolledBackError", "Secret", "Status",
    "TacitError", "Token", "TokenItemError", "UntrustedFolderError", "UserDeniedError",
    "VaultDamagedError", "WrongPassphraseError",
    "__version__", "collections", "delete", "describe", "get", "get_item", "get_or_ask", "list",
    "lock", "set", "status", "token_for_url", "unlock", "watch", "wipe",
]
__version__ = "0.1.0"

_default = Client()

get = _default.get
get_item = _default.get_item
describe = _default.describe
get_or_ask = _default.get_or_ask
token_for_url = _default.token_for_url
set = _default.set
delete = _default.delete
list = _default.list
collections = _default.collections
watch = _default.watch
status = _default.status
unlock = _default.unlock
lock = _default.lock
