"""Tacit as a backend of the Python keyring. It is found by itself once this package is installed;
``PYTHON_KEYRING_BACKEND=tacit.keyring_backend.Keyring`` asks for it by name."""

from __future__ import annotations

from contextlib import contextmanager

from keyring.backend import KeyringBackend
from keyring.credentials import Credential, SimpleCredential
from keyring.errors import InitError, KeyringError, KeyringLocked
from keyring.errors import PasswordDeleteError, PasswordSetError

from . import _package_manager, _services
from .client import Client
from .errors import LibraryNotFoundError, LockedError, NoDaemonError, NotFoundError
from .errors import NoVaultError, TacitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, Type

    from .secret import Secret

_default = Client()


@contextmanager
def _errors_of_keyring(other: Type[KeyringError] = KeyringError) -> Iterator[None]:
    """`other`: for what keyring has no word of its own for."""
    try:
        yield
    except LockedError as error:
        raise KeyringLocked(str(error)) from error
    except (NoDaemonError, NoVaultError, LibraryNotFoundError) as error:
        raise InitError(str(error)) from error
    except TacitError as error:
        raise other(str(error)) from error


def _text(secret: Secret) -> str:
    with secret:
        try:
            return secret.text()
        except UnicodeDecodeError as error:
            raise KeyringError(str(error)) from None


def package_manager_credential(service: str, username: str | None) -> Credential | None:
    """Of the server of PACKAGEMANAGER_ADDRESS, and of no other."""
    with _errors_of_keyring():
        token = _package_manager.token_of_it(_default, service, username)
        if token is None:
            return None
        value = _text(_default.get(token.name, token.collection))
        return SimpleCredential(_package_manager.user_of(token), value)


class Keyring(KeyringBackend):  # type: ignore[misc]  # keyring brings no types
    """Passwords in Tacit's vault, in the collection `keyring`."""

    # Above the chainer, which would ask the Secret Service as well.
    priority = 11

    def get_password(self, service: str, username: str) -> str | None:
        with _errors_of_keyring():
            found = _services.find(_default, service, username)
            if found is None and _package_manager.make_known(_default, service):
                found = _services.find(_default, service, username)
            return None if found is None else _text(found)

    def set_password(self, service: str, username: str, password: str) -> None:
        with _errors_of_keyring(PasswordSetError):
            _services.store(_default, service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        with _errors_of_keyring(PasswordDeleteError):
            try:
                _services.delete(_default, service, username)
            except NotFoundError:
                raise PasswordDeleteError("there is no such password") from None

    def get_credential(self, service: str, username: str | None) -> Credential | None:
        """Without a username the one that was changed last."""
        with _errors_of_keyring():
            if username is not None:
                password = self.get_password(service, username)
                return None if password is None else SimpleCredential(username, password)
            found = _services.find_any(_default, service)
            if found is None and _package_manager.make_known(_default, service):
                found = _services.find_any(_default, service)
            return None if found is None else SimpleCredential(found[0], _text(found[1]))
