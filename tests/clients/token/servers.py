"""Everything that tests of tokens ask over the network, in one place to import from."""

import concurrent.futures
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests/cli")]
sys.dont_write_bytecode = True

import faults  # noqa: E402, F401
import provider  # noqa: E402
from approval import approve  # noqa: E402, F401
from authority import Authority  # noqa: E402, F401
from browser import Browser, is_installed as has_browser  # noqa: E402, F401
from front import Front  # noqa: E402, F401
from index_server import basic_auth, basic_login  # noqa: E402, F401
from package_manager import USER  # noqa: E402, F401
from provider import DEVICE_GRANT, EXCHANGE_GRANT, TOKEN_TYPE  # noqa: E402, F401
from proxy import Proxy  # noqa: E402, F401
from trap import Trap  # noqa: E402, F401
from wheel import PACKAGE, WHEEL, make_wheel  # noqa: E402, F401


def missing():
    """What is not installed that everything here needs; empty: nothing."""
    return "" if provider.is_installed() else "there is no oidc-provider: packaging/deps test"


def in_thread(work, *arguments):
    """A future of it."""
    future = concurrent.futures.Future()

    def run():
        try:
            future.set_result(work(*arguments))
        except BaseException as error:  # the test's, whatever it is
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
