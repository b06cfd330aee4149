"""posit-keyring's backend of the Python keyring, by Tacit: the token of the Posit Package Manager that
PACKAGEMANAGER_ADDRESS names, got anew when it has run out."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.credentials import Credential

from tacit.keyring_backend import package_manager_credential


class PackageManagerKeyring(KeyringBackend):  # type: ignore[misc]  # keyring brings no types
    """Answers for that server alone. What it cannot do it leaves to the next backend of a chain."""

    priority = 10

    def get_password(self, service: str, username: str) -> str | None:
        found = self.get_credential(service, username)
        return None if found is None else found.password

    def get_credential(self, service: str, username: str | None) -> Credential | None:
        return package_manager_credential(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError
