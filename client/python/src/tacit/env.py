"""A project's secrets, outside of its folder and encrypted: `user-secrets` for Python.

    from tacit.env import init_user_secrets
    init_user_secrets()           # from here on they stand in os.environ

The folder's `.env` names the project (``USER_SECRETS_ID=...``) and holds no secret. What counts:
the project's secrets, then the environment of the process, then `.env`.
"""

from __future__ import annotations

import os
import warnings
from typing import Dict, Optional, Union

from . import _project_id
from .client import Client
from .errors import InvalidArgumentError, NotFoundError

__all__ = [
    "UserSecretsManager", "delete_secret", "get_secret", "init_user_secrets",
    "integrate_with_dotenv", "load_user_secrets", "set_secret",
]

_client = Client()
# What stood in os.environ before a secret took its place: (secret, before).
_replaced: Dict[str, "tuple[str, Optional[str]]"] = {}


class UserSecretsManager:
    """The secrets of one project.

    project_root: its folder; by default the nearest one, from the working folder upwards, whose
    `.env` names a project, else the working folder. profile: the project's profile of that name.
    Every call makes the folder a project if it is none yet.
    """

    def __init__(
        self, project_root: Union[str, "os.PathLike[str]", None] = None, *,
        profile: Optional[str] = None,
    ) -> None:
        if project_root is not None and not os.path.isdir(project_root):
            raise InvalidArgumentError(f"there is no folder {os.fspath(project_root)}")
        found = None
        if project_root is None:
            found = _project_id.find(os.getcwd())
        self._id: Optional[str] = found[0] if found else None
        self.project_root = found[1] if found else os.path.realpath(project_root or os.getcwd())
        self.profile = profile
        self._collection: Optional[str] = None

    def init(self) -> str:
        """Makes the folder a project, and returns its id."""
        self._where()
        assert self._id is not None
        return self._id

    def load(self) -> Dict[str, str]:
        """Puts every secret into os.environ, above what stood there, and returns them."""
        secrets = self.list()
        for key, value in secrets.items():
            _put(key, value)
        return secrets

    def get(self, key: str, default: Optional[str] = None) -> Optional[str]:
        try:
            with _client.get(key, self._where()) as value:
                return value.text()
        except NotFoundError:
            return default

    def set(self, key: str, value: str) -> None:
        """Also in os.environ, which holds text alone."""
        if not isinstance(value, str):
            raise TypeError(f"value must be a str, not {type(value).__name__}")
        _client.set(key, value, self._where())
        _put(key, value)

    def delete(self, key: str) -> bool:
        """False if there was none. os.environ gets back what it had before."""
        try:
            _client.delete(key, self._where())
        except NotFoundError:
            return False
        finally:
            _put_back(key)
        return True

    def clear(self) -> int:
        """Deletes all of the project, and returns how many there were."""
        keys = [item.name for item in _client.list(self._where())]
        count = _client.clear_project(self.init())
        for key in keys:
            _put_back(key)
        return count

    def list(self) -> Dict[str, str]:
        """Every secret; of a value that is no text, nothing."""
        self._where()
        values: Dict[str, str] = {}
        for item in _client.get_project(self.init(), self.project_root, self.profile):
            assert item.value is not None
            with item.value as value:
                try:
                    values[item.name] = value.text()
                except UnicodeDecodeError:
                    warnings.warn(f"the secret {item.name} is no text, and is left out")
        return values

    def info(self) -> Dict[str, Union[str, int, bool]]:
        collection = self._where()
        env_file = os.path.join(self.project_root, ".env")
        return {
            "project_root": self.project_root,
            "env_file": env_file,
            "env_file_exists": os.path.exists(env_file),
            "user_secrets_id": self.init(),
            "collection": collection,
            "secrets_count": len(_client.list(collection)),
        }

    def _where(self) -> str:
        """The collection. UntrustedFolderError: the folder was moved or copied."""
        if self._id is None:
            # Before anything is written: without a vault there is no project.
            _client.collections()
            self._id = _project_id.ensure(self.project_root)
        if self._collection is None:
            try:
                self._collection = _client.resolve_project(
                    self._id, self.project_root, self.profile
                )
            except NotFoundError:
                if self.profile:
                    raise
                self._collection = _client.link_project(self._id, self.project_root)
        return self._collection


def init_user_secrets(
    project_root: Union[str, "os.PathLike[str]", None] = None,
) -> UserSecretsManager:
    """Makes the folder a project if it is none, and loads its secrets into os.environ."""
    manager = UserSecretsManager(project_root)
    manager.init()
    manager.load()
    return manager


def load_user_secrets(
    project_root: Union[str, "os.PathLike[str]", None] = None,
) -> Dict[str, str]:
    return UserSecretsManager(project_root).load()


def get_secret(key: str, default: Optional[str] = None) -> Optional[str]:
    return UserSecretsManager().get(key, default)


def set_secret(key: str, value: str) -> None:
    UserSecretsManager().set(key, value)


def delete_secret(key: str) -> bool:
    return UserSecretsManager().delete(key)


def integrate_with_dotenv(
    project_root: Union[str, "os.PathLike[str]", None] = None,
) -> bool:
    """Loads the project's `.env` below, and its secrets above, what is in os.environ. True: there
    was a `.env` with variables in it; python-dotenv reads it where that is installed."""
    manager = UserSecretsManager(project_root)
    manager.init()
    loaded = False
    for name, value in _dotenv(manager.project_root).items():
        loaded = True
        os.environ.setdefault(name, value)
    manager.load()
    return loaded


def _dotenv(folder: str) -> Dict[str, str]:
    try:
        from dotenv import dotenv_values
    except ImportError:
        return dict(_project_id.lines(folder))
    values = dotenv_values(os.path.join(folder, ".env"))
    return {name: value for name, value in values.items() if value is not None}


def _put(key: str, value: str) -> None:
    if not key or "=" in key or "\0" in key or "\0" in value:
        warnings.warn(f"{key!r} can be no environment variable; get_secret has it", stacklevel=3)
        return
    before = _replaced[key][1] if key in _replaced else os.environ.get(key)
    _replaced[key] = (value, before)
    os.environ[key] = value


def _put_back(key: str) -> None:
    secret, before = _replaced.pop(key, (None, None))
    if secret is None or os.environ.get(key) != secret:
        return  # never loaded, or the program has set another one itself
    if before is None:
        del os.environ[key]
    else:
        os.environ[key] = before
