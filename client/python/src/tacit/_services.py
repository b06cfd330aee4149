"""The password of a username at a service, as the Python keyring and the `keyring` executable of
Tacit have it: an item `SERVICE (USERNAME)` of the collection `keyring`, with both as attributes.
cli/keyring/README.md is the rule; whoever changes one changes all."""

from __future__ import annotations

from .errors import DeniedError, InvalidArgumentError, NotFoundError, TacitError, TokenItemError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import Client
    from .items import Item, Token
    from .secret import Secret, SecretValue

COLLECTION = "keyring"
MOST_BYTES = 1024  # of a name
ANY_TOKEN = "__token__"  # what index servers take for a token's user name


def escaped(text: str) -> str:
    return "".join(
        f"%{ord(one):02X}" if one < " " or one in "%()\x7f" else one for one in text
    )


def name_of(service: str, username: str) -> str:
    """No two pairs have the same."""
    return f"{escaped(service)} ({escaped(username)})"


def _can_be(service: str, username: str) -> bool:
    """What can have no name is not there."""
    if "\0" in service or "\0" in username:
        return False
    try:
        return len(name_of(service, username).encode()) <= MOST_BYTES
    except UnicodeEncodeError:
        return False


def token_of(client: Client, service: str, username: str | None) -> Token | None:
    """The token that is for that server; None where this program may not know."""
    if "\0" in service or (username is not None and "\0" in username):
        return None
    try:
        return client.token_for_url(service, username)
    except (DeniedError, InvalidArgumentError):
        return None
    except TacitError as error:
        if error.reason == "UNSUPPORTED":  # the daemon is older than tokens
            return None
        raise


def find(client: Client, service: str, username: str) -> Secret | None:
    token = token_of(client, service, username)
    if token is not None:
        return client.get(token.name, token.collection)
    if not _can_be(service, username):
        return None
    try:
        return client.get(name_of(service, username), COLLECTION)
    except NotFoundError:
        return None


def find_any(client: Client, service: str) -> tuple[str, Secret] | None:
    """Of the usernames that the service has, the one that was changed last, and its password."""
    token = token_of(client, service, None)
    if token is not None:
        return token.username or ANY_TOKEN, client.get(token.name, token.collection)
    if not _can_be(service, ""):
        return None
    try:
        found = client.list(COLLECTION, attributes={"service": service})
    except NotFoundError:
        return None

    def right(item: Item) -> bool:
        username = item.attributes.get("username")
        return username is not None and item.name == name_of(service, username)

    def age(item: Item) -> tuple[float, bytes]:
        return item.modified, item.name.encode()

    newest = max(filter(right, found), key=age, default=None)
    if newest is None:
        return None
    username = newest.attributes["username"]
    secret = find(client, service, username)
    return None if secret is None else (username, secret)


def _refuse_token(client: Client, service: str, username: str) -> None:
    token = token_of(client, service, username)
    if token is not None:
        raise TokenItemError(
            f"for that server there is the token {token.name!r}, which is got and not stored: see "
            "`tacit token login` and `tacit token remove`",
            "IS_TOKEN",
        )


def store(client: Client, service: str, username: str, password: SecretValue) -> None:
    _refuse_token(client, service, username)
    name = name_of(service, username)
    attributes = {"service": service, "username": username}
    try:
        attributes = {**client.describe(name, COLLECTION).attributes, **attributes}
    except NotFoundError:
        pass
    client.set(name, password, COLLECTION, attributes=attributes)


def delete(client: Client, service: str, username: str) -> None:
    """NotFoundError."""
    _refuse_token(client, service, username)
    if not _can_be(service, username):
        raise NotFoundError("there is no such password", "NOT_FOUND")
    client.delete(name_of(service, username), COLLECTION)
