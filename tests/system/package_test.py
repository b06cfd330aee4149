#!/usr/bin/python3
"""The Debian package: what lintian says of it, and how it comes and goes on a bare Debian."""

import os
import re
import shutil
import subprocess
import sys
import unittest

from container import Container
from trial import PROGRAMS, run

HERE = os.path.dirname(os.path.abspath(__file__))
STRANGER = os.path.join(HERE, "..", "installed")


class Contents(unittest.TestCase):
    def paths(self):
        listing = subprocess.run(["dpkg-deb", "--contents", PROGRAMS["deb"]], check=True,
                                 capture_output=True, text=True).stdout
        return re.findall(r" \./(\S+)", listing)

    def test_all_parts_are_there(self):
        paths = "\n".join(self.paths())
        for part in ("usr/bin/tacit$", "usr/bin/tacitd$", "usr/libexec/tacit/tacit-renew$",
                     "usr/lib/systemd/user/tacitd.service$", "usr/lib/systemd/user/tacitd.socket$",
                     "usr/lib/systemd/user/tacit-prompter.service$", "usr/include/tacit/client.h$",
                     r"usr/lib/\S*libtacit.so.0$", r"usr/lib/\S*pkgconfig/tacit.pc$",
                     r"usr/lib/\S*cmake/tacit/tacitConfig.cmake$", "usr/share/doc/tacit/copyright$",
                     "usr/lib/python3/dist-packages/tacit/__init__.py$"):
            self.assertRegex(paths, "(?m)^" + part)
        self.assertNotRegex(paths, "__pycache__|installed-files")

    @unittest.skipUnless(shutil.which("lintian"), "there is no lintian here")
    def test_lintian_is_content(self):
        suppressed = []
        if not PROGRAMS["strict"]:
            # Only a release is hardened, and knows the folder of its architecture's libraries.
            suppressed += ["hardening-no-bindnow", "hardening-no-fortify-functions", "hardening-no-relro",
                           "hardening-no-pie", "pkg-config-unavailable-for-cross-compilation"]
        if not any(path.startswith("usr/share/man/") for path in self.paths()):
            suppressed.append("no-manual-page")
        argv = ["lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", "--allow-root"]
        if suppressed:
            argv += ["--suppress-tags", ",".join(suppressed)]
        done = subprocess.run([*argv, PROGRAMS["deb"]], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


class OnABareDebian(unittest.TestCase):
    def setUp(self):
        self.box = Container(PROGRAMS["bare"])
        self.addCleanup(self.box.__exit__)
        shutil.copy(PROGRAMS["deb"], self.box.path("root", "tacit_of_test.deb"))
        self.box.bare("useradd --create-home --shell /bin/sh alice")
        self.install = "apt-get install -y --no-install-recommends "
        self.box.bare(f"apt-get update && {self.install} /root/tacit_of_test.deb")

    def as_alice(self, command):
        """On a terminal, as programs are known by that where no unit tells of them."""
        self.box.write("/opt/script", command)
        return self.box.bare("cd; script --quiet --return --command 'sh -e /opt/script' /dev/null", user="alice")

    def test_works_and_purge_leaves_the_vault_alone(self):
        vault = """
          umask 077; export TACIT_NO_INPUT=1; echo "correct horse battery staple" >pass
          tacit {} --passphrase-file pass
          {}
          tacit lock; kill $(tacit status --json | sed "s/.*\\"pid\\":\\([0-9]*\\).*/\\1/")
        """
        self.as_alice(vault.format("init", "echo a value | tacit set x"))
        listing = "find /home/alice -type f -exec sha256sum {} +"
        before = self.box.bare(listing)
        self.assertIn("/tacit/vault/", before)

        self.box.bare("apt-get purge -y tacit")
        self.assertEqual(self.box.bare(listing), before)
        self.assertEqual(self.box.bare("find / -xdev -iname '*tacit*' -not -path '/root/*' "
                                       "-not -path '/home/*' -not -path '/proc/*' -not -path '/sys/*'"), "")

        self.box.bare(self.install + "/root/tacit_of_test.deb")
        self.assertIn("a value", self.as_alice(vault.format("unlock", "tacit get x")))

    def test_a_strangers_project_builds_against_it(self):
        self.box.bare(self.install + "g++ cmake ninja-build pkgconf libnghttp2-dev")
        shutil.copytree(STRANGER, self.box.path("root", "stranger"))
        self.box.bare("cd /root/stranger && cmake -G Ninja -B build && cmake --build build && "
                      "ctest --test-dir build --output-on-failure --no-tests=error")


if __name__ == "__main__":
    sys.exit(run())
