#!/usr/bin/python3
"""The package as it is installed: by pip without a network, and by CMake."""

import ast
import glob
import os
import re
import shutil
import subprocess
import tarfile
import unittest
import zipfile

from house import DEADLINE, PROGRAMS, PYTHON, ROOT, SOURCES, HouseTest, installed, run

PACKAGE = os.path.join(ROOT, "client/python")
FIRST_USE = "import tacit; tacit.set('first', 'use'); print(tacit.get('first').text())"


def commanded(*command, **environment):
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True,
                          text=True, timeout=DEADLINE * 3, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@unittest.skipUnless(installed("pip", "ensurepip"), "there is no python3-pip with python3-venv")
class Pip(HouseTest):
    """In a virtual environment, where no index can be asked."""

    def setUp(self):
        self.venv = os.path.join(self.scratch.work, self.id().rsplit(".", 1)[1])
        commanded(PYTHON, "-m", "venv", self.venv)
        # A copy: pip may build in place.
        self.source = self.venv + "-source"
        shutil.copytree(PACKAGE, self.source, ignore=shutil.ignore_patterns("__pycache__"))

    def pip(self, *arguments):
        return commanded(os.path.join(self.venv, "bin/python"), "-m", "pip", *arguments,
                         PIP_NO_INDEX="1", PYTHONPATH="")

    def run_in_it(self, program, **environment):
        return commanded(os.path.join(self.venv, "bin/python"), "-c", program, PYTHONPATH="",
                         **environment)

    def test_install_and_uninstall(self):
        self.pip("install", self.source)
        self.assertEqual(self.run_in_it(FIRST_USE), "use\n")
        self.assertIn("tacit._keyring_plugin", self.run_in_it(
            "from importlib.metadata import entry_points\n"
            "print(entry_points(group='keyring.backends'))"))
        self.pip("uninstall", "--yes", "tacit")
        self.assertEqual(glob.glob(self.venv + "/lib/python3*/site-packages/tacit*"), [])

    def test_the_library_is_found_in_the_prefix(self):
        self.pip("install", self.source)
        shutil.copy(PROGRAMS["library"], self.venv + "/lib/libtacit.so.0")
        said = self.run_in_it("from tacit._native import library; library(); print(library().path)",
                              TACIT_LIBRARY="")
        self.assertEqual(said.strip(), self.venv + "/lib/libtacit.so.0")

    def test_editable(self):
        self.pip("install", "--editable", self.source)
        said = self.run_in_it("import tacit; print(tacit.__file__)")
        self.assertEqual(said.strip(), self.source + "/src/tacit/__init__.py")

    def test_the_dropins(self):
        self.pip("install", self.source, os.path.join(self.source, "dropins"))
        self.run_in_it("import ipython_secrets, jupyter_secrets, posit_keyring, python_env_secrets")

    def test_the_same_sources_make_the_same_wheel(self):
        wheels = []
        for name in ("one", "two"):
            folder = f"{self.venv}-{name}"
            self.pip("wheel", "--no-deps", "--wheel-dir", folder, self.source)
            with open(folder + "/tacit-0.1.0-py3-none-any.whl", "rb") as file:
                wheels.append(file.read())
        self.assertEqual(*wheels)
        with zipfile.ZipFile(folder + "/tacit-0.1.0-py3-none-any.whl") as wheel:
            self.assertIn("tacit/py.typed", wheel.namelist())

    def test_a_source_archive_builds_too(self):
        name = commanded(PYTHON, "-c", "import tacit_build; print(tacit_build.build_sdist('.'))",
                         PYTHONPATH=os.path.join(self.source, "build_backend")).strip()
        try:
            with tarfile.open(name) as archive:
                self.assertNotIn("build", [os.path.basename(one) for one in archive.getnames()])
            self.pip("install", name)
        finally:
            os.unlink(name)
        self.assertEqual(self.run_in_it(FIRST_USE), "use\n")


class Layout(HouseTest):
    def test_as_cmake_installs_it(self):
        build = os.path.dirname(os.path.dirname(os.path.dirname(
            os.path.abspath(PROGRAMS["library"]))))
        prefix = self.scratch.path("prefix")
        commanded("cmake", "--install", os.path.join(build, "client/python"), "--prefix", prefix)
        packages = prefix + "/lib/python3/dist-packages"
        self.assertEqual(sorted(os.listdir(packages)), ["tacit", "tacit-0.1.0.dist-info"])
        shutil.copy(PROGRAMS["library"], prefix + "/lib/libtacit.so.0")
        said = self.python("from tacit._native import library; print(library().path)",
                           PYTHONPATH=packages, TACIT_LIBRARY="")
        self.assertEqual(said.strip(), prefix + "/lib/libtacit.so.0")
        self.assertEqual(self.python(FIRST_USE, PYTHONPATH=packages, TACIT_LIBRARY=""), "use\n")

    def test_it_is_the_version_of_the_rest(self):
        with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
            version = re.search(r"project\(tacit VERSION (\S+)", file.read()).group(1)
        self.assertEqual(self.python("import tacit; print(tacit.__version__)").strip(), version)

    def test_the_oldest_python_can_read_it(self):
        files = glob.glob(SOURCES + "/tacit/*.py") + glob.glob(
            PACKAGE + "/dropins/src/**/*.py", recursive=True)
        self.assertGreater(len(files), 10)
        for path in files:
            with open(path, encoding="utf-8") as file:
                ast.parse(file.read(), path, feature_version=(3, 9))

    def test_it_imports_little(self):
        """What takes longer than the first get."""
        said = self.python("import sys, tacit; tacit.status()\n"
                           "slow = 'typing asyncio threading dataclasses enum json logging re'\n"
                           "print([one for one in slow.split() if one in sys.modules])",
                           PYTHONNOUSERSITE="1")
        self.assertEqual(said, "[]\n")

    @unittest.skipUnless(os.path.exists("/usr/bin/mypy"), "there is no mypy")
    def test_types(self):
        commanded("/usr/bin/mypy", "--config-file", os.path.join(PACKAGE, "pyproject.toml"),
                  "--cache-dir", self.scratch.path("mypy"), os.path.join(SOURCES, "tacit"))


if __name__ == "__main__":
    run()
