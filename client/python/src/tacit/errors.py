"""Why something failed: one exception for each situation that a program tells apart.

A message says what happened, to what, and what to do next; never a value. `reason` is the
contract's word for it (proto/tacit/v1/common.proto), for instance ``"LOCKED"``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take longer than the first get
if TYPE_CHECKING:
    from typing import Dict, Type


class TacitError(Exception):
    """What every call of this package may raise."""

    reason = "UNSPECIFIED"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        if reason is not None:
            self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (*self.args, self.reason))


class LibraryNotFoundError(TacitError, ImportError):
    """There is no libtacit, or one that cannot be used."""

    reason = "NO_LIBRARY"


class InvalidArgumentError(TacitError, ValueError):
    """What was asked for can be no such thing: a name with a NUL, a value that is too large."""


class LockedError(TacitError):
    """The vault is locked, and nobody unlocked it for this call."""


class NotFoundError(TacitError, LookupError):
    """There is no such item, collection or project."""


class NoDaemonError(TacitError):
    """No daemon answers, none could be started, or it is not this user's."""


class WrongPassphraseError(TacitError):
    """The passphrase, recovery key or key file opens nothing."""


class VaultDamagedError(TacitError):
    """The vault was damaged, is no vault, or was changed behind the daemon's back."""


class RolledBackError(VaultDamagedError):
    """The vault is older than it was, or another line of it: see `tacit vault accept-rollback`."""


class DeniedError(TacitError):
    """It was refused: by a policy, by the user, or because nobody could be asked."""


class PolicyDeniedError(DeniedError):
    """A policy refuses it."""


class UserDeniedError(DeniedError):
    """The user said no, or nothing."""


class NoPrompterError(DeniedError):
    """The user would have to be asked, and there is no way to."""


class UntrustedFolderError(DeniedError):
    """A project's secrets are not given in this folder: see `tacit project trust`."""


class NoVaultError(TacitError):
    """There is no vault yet: see `tacit init`."""


class ChangedError(TacitError):
    """Somebody changed it meanwhile: it has another version than was expected."""


class AlreadyExistsError(ChangedError):
    """There is one already."""


class ExpiredError(TacitError):
    """The item is there, and its time is over."""


class RenewalError(ExpiredError):
    """A token has run out, and its server, or the way to it, failed."""


class LoginNeededError(RenewalError):
    """The user has to log in for a token: see `tacit token login`."""


class TokenItemError(TacitError):
    """A token is got from its server, and neither set nor changed by hand."""


class DeadlineError(TacitError, TimeoutError):
    """The daemon did not answer in time."""


class CancelledError(TacitError):
    """Broken off: by a signal, or on the terminal."""


_BY_REASON: Dict[str, Type[TacitError]] = {
    "INVALID_ARGUMENT": InvalidArgumentError,
    "VALUE_TOO_LARGE": InvalidArgumentError,
    "LOCKED": LockedError,
    "NO_VAULT": NoVaultError,
    "NOT_FOUND": NotFoundError,
    "ALREADY_EXISTS": AlreadyExistsError,
    "VERSION_MISMATCH": ChangedError,
    "EXPIRED": ExpiredError,
    "RENEWAL_NEEDED": LoginNeededError,
    "LOGIN_NEEDED": LoginNeededError,
    "RENEWAL_FAILED": RenewalError,
    "IS_TOKEN": TokenItemError,
    "WRONG_CREDENTIAL": WrongPassphraseError,
    "POLICY_DENIED": PolicyDeniedError,
    "USER_DENIED": UserDeniedError,
    "NO_PROMPTER": NoPrompterError,
    "UNTRUSTED_FOLDER": UntrustedFolderError,
    "VAULT_DAMAGED": VaultDamagedError,
    "NOT_A_VAULT": VaultDamagedError,
    "ROLLBACK": RolledBackError,
    "FORK": RolledBackError,
    "NO_DAEMON": NoDaemonError,
    "DAEMON_UNTRUSTED": NoDaemonError,
    "TIMEOUT": DeadlineError,
    "CANCELLED": CancelledError,
}


def error_for(reason: str, message: str) -> TacitError:
    """The exception for a reason of the contract; a plain TacitError for the rarer ones."""
    return _BY_REASON.get(reason, TacitError)(message, reason)
