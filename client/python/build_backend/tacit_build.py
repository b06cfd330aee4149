"""The build backend of the distribution `tacit` (PEP 517, 660).

`tacit_build.py metadata FOLDER` writes its dist-info alone, for installations without pip.
"""

import os
import re
import sys

import wheels

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

ENTRY_POINTS = """\
[keyring.backends]
tacit = tacit._keyring_plugin:register
"""


def _version():
    with open(os.path.join(ROOT, "src/tacit/__init__.py"), encoding="utf-8") as file:
        return re.search(r'^__version__ = "(.+)"$', file.read(), re.MULTILINE).group(1)


def _distribution():
    return wheels.Distribution(
        name="tacit", version=_version(), root=ROOT, entry_points=ENTRY_POINTS,
        summary="Secrets of Tacit's vault: API, keyring backend, notebooks, projects",
        shipped=("build_backend/tacit_build.py", "build_backend/wheels.py"))


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _distribution().build_wheel(wheel_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _distribution().build_editable(wheel_directory)


def build_sdist(sdist_directory, config_settings=None):
    return _distribution().build_sdist(sdist_directory)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    return _distribution().write_metadata(metadata_directory)


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "metadata":
        sys.exit(__doc__)
    print(prepare_metadata_for_build_wheel(sys.argv[2]))
