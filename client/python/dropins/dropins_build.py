"""The build backend of the distribution `tacit-dropins`; it uses the one beside it."""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(ROOT), "build_backend"))

import tacit_build  # noqa: E402
import wheels  # noqa: E402


def _distribution():
    version = tacit_build._distribution().version
    return wheels.Distribution(
        name="tacit-dropins", version=version, root=ROOT, requires=("tacit",),
        summary="ipython_secrets, jupyter_secrets, python_env_secrets and posit_keyring by Tacit's vault",
        entry_points="[keyring.backends]\nposit_keyring = posit_keyring.backends\n")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _distribution().build_wheel(wheel_directory)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    return _distribution().write_metadata(metadata_directory)
