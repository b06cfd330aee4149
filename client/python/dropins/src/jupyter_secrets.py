"""jupyter-secrets, by Tacit: see `tacit.notebook`."""

from tacit import __version__
from tacit.notebook import delete_secret, get_secret, set_secret

__all__ = ["__version__", "delete_secret", "get_secret", "set_secret"]
