"""Secrets of a notebook: asked for once, in a field that hides what is typed, kept in the vault,
and neither in a cell's output nor in the notebook's file.

    from tacit.notebook import get_secret
    token = get_secret("github", "my-account")

They are the passwords of the Python keyring: service, username (`$USER` where none is given).
"""

from __future__ import annotations

import getpass
import os
import sys

from . import _services
from .client import Client
from .errors import LockedError, NotFoundError, NoVaultError, TacitError, UserDeniedError
from .errors import WrongPassphraseError
from .secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, TypeVar, Union

    T = TypeVar("T")
    D = TypeVar("D")

__all__ = ["delete_secret", "get_secret", "set_secret"]

_TRIES = 3


class _Ask:
    """No default was given."""

    def __repr__(self) -> str:
        return "<asked for>"


_ASK = _Ask()
_client = Client()


def get_secret(
    servicename: str,
    username: str | None = None,
    *,
    default: Union[D, _Ask] = _ASK,
    force_prompt: bool = False,
    prompt: str | None = None,
) -> Union[str, D]:
    """The secret; if it is not there, `default`, else it is asked for and stored.

    force_prompt: ask in any case, and store. prompt: what is shown, by default
    ``servicename[username]``. Nothing typed, or an interrupt: nothing is stored.
    """
    user = _user() if username is None else username
    if not force_prompt:
        found = _with_vault(lambda: _services.find(_client, servicename, user))
        if found is not None:
            with found:
                return found.text()
        if not isinstance(default, _Ask):
            return default
    else:
        # Nobody shall type what could not be kept.
        _with_vault(lambda: _services.find(_client, servicename, user))
    try:
        # As an object that a traceback with variables does not show.
        typed = Secret.of(
            getpass.getpass(f"{servicename}[{user}]" if prompt is None else prompt)
        )
        if not typed.size:
            raise UserDeniedError("nothing was typed, and nothing stored", "USER_DENIED")
        _with_vault(lambda: _services.store(_client, servicename, user, typed))
    finally:
        _clear_output()
    with typed:
        return typed.text()


def set_secret(servicename: str, password: str, username: str | None = None) -> None:
    user = _user() if username is None else username
    _with_vault(lambda: _services.store(_client, servicename, user, password))


def delete_secret(servicename: str, username: str | None = None) -> None:
    """What is not there raises keyring's PasswordDeleteError, which is a NotFoundError here."""
    user = _user() if username is None else username
    try:
        _with_vault(lambda: _services.delete(_client, servicename, user))
    except NotFoundError:
        raise _not_there(f"there is no secret {servicename}[{user}]") from None


def _user() -> str:
    user = os.environ.get("USER")
    if user:
        return user
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())  # as in a container


def _not_there(message: str) -> NotFoundError:
    try:
        from keyring.errors import PasswordDeleteError
    except ImportError:
        return NotFoundError(message, "NOT_FOUND")

    class NoSecretError(NotFoundError, PasswordDeleteError):  # type: ignore[misc]  # untyped
        """For programs that know keyring's error, and for those that know ours."""

    return NoSecretError(message, "NOT_FOUND")


def _clear_output() -> None:
    """Of the cell, so that nothing of the question stays in the notebook."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython
    from IPython.display import clear_output

    if get_ipython() is not None:
        clear_output()


def _with_vault(call: Callable[[], T]) -> T:
    """`call`, for which the vault is opened, or made, if it has to be."""
    try:
        return call()
    except LockedError:
        if _client.status().prompter:
            raise  # the user was asked there, and did not unlock it
        _unlock()
    except NoVaultError:
        _create()
    return call()


def _typed(question: str, otherwise: TacitError) -> str:
    """`otherwise`: what is in the way of everything where nobody can be asked."""
    try:
        return getpass.getpass(question)
    except (NotImplementedError, EOFError) as problem:  # of IPython, of a script
        raise otherwise from problem


def _unlock() -> None:
    locked = LockedError(
        "the vault is locked, and nobody can be asked for its passphrase here; run `tacit unlock`",
        "LOCKED",
    )
    try:
        for left in reversed(range(_TRIES)):
            passphrase = Secret.of(_typed("Passphrase of the Tacit vault: ", locked))
            if not passphrase.size:
                raise UserDeniedError("the vault stays locked", "USER_DENIED")
            try:
                return _client.unlock(passphrase)
            except WrongPassphraseError:
                if left == 0:
                    raise
    finally:
        _clear_output()


def _create() -> None:
    """A recovery key would be shown here, and kept in the notebook: it is left to a terminal."""
    none = NoVaultError(
        "there is no Tacit vault yet, and nobody can be asked for its passphrase here; run "
        "`tacit init`",
        "NO_VAULT",
    )
    try:
        first = Secret.of(
            _typed(
                "There is no Tacit vault yet. A passphrase for a new one (empty: make none): ",
                none,
            )
        )
        if not first.size:
            raise UserDeniedError("no vault was made; see `tacit init`", "USER_DENIED")
        if getpass.getpass("The same again: ") != first:
            raise UserDeniedError("that was not the same twice; no vault was made", "USER_DENIED")
        _client.create(first)
    finally:
        _clear_output()
    print(
        "A vault was made. It has no recovery key: `tacit slot add recovery-key` on a terminal "
        "gives it one; until then a forgotten passphrase loses it.",
        file=sys.stderr,
    )
