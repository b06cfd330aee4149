"""The main of tests in containers, and what they need to be possible."""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = {}
SKIPPED = 77


def why_no_container(bare):
    missing = [name for name in ("debootstrap", "systemd-nspawn", "nsenter") if shutil.which(name) is None]
    if missing:
        return "there is no " + ", ".join(missing)
    if os.geteuid() != 0:
        return "a container needs root"
    # Itself in a container, it may be that nothing can be mounted, or no control group made.
    tried = subprocess.run(
        ["systemd-nspawn", "--quiet", "--directory", bare, "--read-only", "--register=no", "--keep-unit",
         "--pipe", "/bin/true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"systemd-nspawn cannot work here: {tried.stderr.strip()}"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        folders = [os.path.join(scratch, name) for name in ("upper", "work", "root")]
        for folder in folders:
            os.mkdir(folder)
        upper, work, root = folders
        tried = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir={bare},upperdir={upper},workdir={work}", root],
            capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            return f"no overlay can be mounted here: {tried.stderr.strip()}"
        subprocess.run(["umount", root], check=True)
    return None


def run():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bare", help="the folder of a bare Debian")
    parser.add_argument("--deb", required=True, help="the package, or the folder that it is in")
    parser.add_argument("--build", help="the build folder")
    parser.add_argument("--strict", action="store_true", help="the package is a release's")
    options, rest = parser.parse_known_args()
    PROGRAMS.update(vars(options))
    if os.path.isdir(options.deb):
        PROGRAMS["deb"], = glob.glob(os.path.join(options.deb, "*.deb"))
    why = options.bare and why_no_container(options.bare)
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)
    return 0
