"""posit-keyring, by Tacit: see `posit_keyring.backends`."""

from tacit import __version__

__all__ = ["__version__"]
