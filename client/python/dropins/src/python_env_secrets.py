"""python-env-secrets, by Tacit: see `tacit.env`."""

from tacit import __version__
from tacit.env import (
    UserSecretsManager, get_secret, init_user_secrets, integrate_with_dotenv, load_user_secrets,
    set_secret,
)

__all__ = [
    "UserSecretsManager", "__version__", "get_secret", "init_user_secrets",
    "integrate_with_dotenv", "load_user_secrets", "set_secret",
]
