"""The Posit Package Manager that the environment names, as its own backend of keyring has it."""

from __future__ import annotations

import os

from ._native import text
from ._services import ANY_TOKEN, token_of
from .errors import AlreadyExistsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import Client
    from .items import Token

ADDRESS = "PACKAGEMANAGER_ADDRESS"
IDENTITY_FILE = "PACKAGEMANAGER_IDENTITY_TOKEN_FILE"
AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # what its clients trust


def token_of_it(client: Client, service: str, username: str | None) -> Token | None:
    """Its token, if it is for that service and user; for no other server."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    make_known(client, service)
    own, found = token_of(client, address, None), token_of(client, service, username)
    if own is None or found is None:
        return None
    return found if (found.collection, found.name) == (own.collection, own.name) else None


def make_known(client: Client, service: str) -> bool:
    """Makes its token when a service of it is asked for first. False: there was no need."""
    address = os.environ.get(ADDRESS)
    if not address or not _may_be_on(address, service) or token_of(client, address, None):
        return False
    _add(client, address)
    return True


def user_of(token: Token) -> str:
    return token.username or ANY_TOKEN


def _may_be_on(address: str, service: str) -> bool:
    """Whether a token is worth while; whether it is given is for libtacit to say."""
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return bool(host) and host.lower() in service.lower()


def _add(client: Client, address: str) -> None:
    identity = os.environ.get(IDENTITY_FILE)
    authorities = next((os.environ[one] for one in AUTHORITIES if os.environ.get(one)), "")
    try:
        client._pool.call(
            "add_package_manager", None, None, text(address, "URL"),
            os.fsencode(os.path.abspath(identity)) if identity else None,
            os.fsencode(os.path.abspath(authorities)) if os.path.isfile(authorities) else None, None)
    except AlreadyExistsError:
        pass  # another process was first
