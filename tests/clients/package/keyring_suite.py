"""keyring's own tests of a backend, for pytest; keyring_test.py runs them."""

from keyring.testing.backend import BackendBasicTests

from tacit.keyring_backend import Keyring


class TestTacit(BackendBasicTests):
    def init_keyring(self):
        return Keyring()
