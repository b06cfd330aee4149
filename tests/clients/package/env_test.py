#!/usr/bin/python3
"""`tacit.env`: a project's secrets in os.environ, and what python-env-secrets got wrong."""

import os
import re
import shutil
import unittest
import warnings
from concurrent.futures import ThreadPoolExecutor

from house import DROPINS, PASSPHRASE, HouseTest, installed, run

import tacit
import tacit.env
from tacit import _project_id
from tacit.env import UserSecretsManager

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Project(HouseTest):
    """Each test in a new folder, which is the working folder; os.environ is put back."""

    def setUp(self):
        self.folder = os.path.join(self.scratch.work, self.id().rsplit(".", 1)[1])
        os.mkdir(self.folder)
        before = dict(os.environ), os.getcwd()
        os.chdir(self.folder)

        def put_back():
            os.chdir(before[1])
            os.environ.clear()
            os.environ.update(before[0])
            tacit.env._replaced.clear()

        self.addCleanup(put_back)

    def write(self, text, name=".env"):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name=".env"):
        with open(name, encoding="utf-8") as file:
            return file.read()


class Environment(Project):
    def test_init_makes_a_project_and_loads_it(self):
        self.write("KEPT=1\nexport DEBUG=1")
        tacit.env.init_user_secrets()
        linked = self.read()
        self.assertRegex(linked, r"\AKEPT=1\nexport DEBUG=1\nUSER_SECRETS_ID=[0-9a-f-]{36}\n\Z")
        tacit.env.set_secret("API_KEY", "from the vault")
        self.assertEqual(os.environ["API_KEY"], "from the vault")
        del os.environ["API_KEY"]
        self.assertEqual(tacit.env.load_user_secrets(), {"API_KEY": "from the vault"})
        self.assertEqual(os.environ["API_KEY"], "from the vault")
        self.assertEqual(self.read(), linked)

    def test_the_same_secrets_as_the_command_line(self):
        self.ok(f"cd {self.folder} && user-secrets set FROM_CLI 1")
        self.assertEqual(tacit.env.get_secret("FROM_CLI"), "1")
        tacit.env.set_secret("FROM_PYTHON", "2")
        self.assertEqual(self.ok(f"cd {self.folder} && user-secrets get FROM_PYTHON"), "2\n")
        os.mkdir("below")
        os.chdir("below")
        self.assertEqual(tacit.env.get_secret("FROM_CLI"), "1")
        self.assertEqual(os.listdir(), [])

    def test_what_deleting_gives_back(self):
        os.environ["MODE"] = "of the process"
        tacit.env.set_secret("MODE", "one")
        tacit.env.set_secret("MODE", "two")
        self.assertEqual(os.environ["MODE"], "two")
        self.assertTrue(tacit.env.delete_secret("MODE"))
        self.assertEqual(os.environ["MODE"], "of the process")
        self.assertFalse(tacit.env.delete_secret("MODE"))
        tacit.env.set_secret("ONLY", "1")
        tacit.env.set_secret("CHANGED", "1")
        os.environ["CHANGED"] = "by the program"
        self.assertEqual(UserSecretsManager().clear(), 2)
        self.assertNotIn("ONLY", os.environ)
        self.assertEqual(os.environ["CHANGED"], "by the program")

    def test_precedence(self):
        self.write("A=file\nB=file\nC=file\nexport D='quoted # not a comment'\n#E=1\nnot a line\n")
        os.environ.update(A="process", B="process")
        tacit.env.set_secret("A", "secret")
        os.environ["A"] = "process"
        self.assertIs(tacit.env.integrate_with_dotenv(), True)
        self.assertEqual([os.environ.get(name) for name in "ABCDE"],
                         ["secret", "process", "file", "quoted # not a comment", None])

    def test_keys_and_values_are_what_they_say(self):
        manager = UserSecretsManager()
        odd = {"A=B": "1", "#K": "2", "export X": "3", "MULTI": "one\nEVIL=two", "Q": '"q"',
               "EMPTY": "", "BLANKS": "  x "}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for key, value in odd.items():
                manager.set(key, value)
        self.assertEqual(manager.list(), odd)
        self.assertEqual({key: manager.get(key) for key in odd}, odd)
        self.assertIsNone(manager.get("EVIL"))
        self.assertNotIn("EVIL", os.environ)
        self.assertEqual(os.environ["MULTI"], "one\nEVIL=two")
        with self.assertWarnsRegex(UserWarning, "A=B"):
            manager.load()

    def test_what_os_environ_cannot_hold_is_not_stored(self):
        for value in (b"\xff", 3, None):
            with self.assertRaisesRegex(TypeError, "value must be a str"):
                tacit.env.set_secret("BIN", value)
        self.assertIsNone(tacit.env.get_secret("BIN"))
        self.assertNotIn("BIN", os.environ)

    def test_nothing_of_it_lies_in_plain(self):
        tacit.env.set_secret("DISK", "s3cr3t-4-disk")
        self.assertEqual(self.scratch.run("grep -rl s3cr3t-4-disk ..").stdout, b"")

    def test_manager(self):
        self.ok("mkdir elsewhere")
        folder = os.path.join(self.scratch.work, "elsewhere")
        manager = UserSecretsManager(folder)
        self.assertRegex(manager.init(), "[0-9a-f-]{36}")
        self.assertEqual(manager.get("K", "none"), "none")
        manager.set("K", "v")
        info = manager.info()
        self.assertEqual((info["project_root"], info["secrets_count"], info["user_secrets_id"]),
                         (folder, 1, manager.init()))
        self.assertEqual(manager.load(), {"K": "v"})
        self.assertTrue(manager.delete("K"))
        self.assertEqual(manager.list(), {})
        with self.assertRaises(tacit.InvalidArgumentError):
            UserSecretsManager("/nonexistent")

    def test_a_profile(self):
        self.ok(f"cd {self.folder} && user-secrets set DB main && user-secrets set ONE 1"
                " && printf testing | tacit --profile test set DB")
        self.assertEqual(UserSecretsManager(profile="test").list(), {"DB": "testing", "ONE": "1"})
        self.assertEqual(UserSecretsManager(profile="test").get("ONE"), "1")
        with self.assertRaises(tacit.NotFoundError):
            UserSecretsManager(profile="absent").list()

    def test_a_copied_folder_gets_nothing(self):
        tacit.env.set_secret("K", "v")
        shutil.copytree(self.folder, self.folder + "-copy")
        os.chdir(self.folder + "-copy")
        with self.assertRaises(tacit.UntrustedFolderError) as caught:
            tacit.env.load_user_secrets()
        self.assertIn("tacit project trust", str(caught.exception))

    def test_an_id_that_is_none_goes_nowhere(self):
        for text in ("USER_SECRETS_ID=../../evil\n", f"USER_SECRETS_ID={ID}\nENV_SECRETS_ID=" +
                     ID.replace("0", "1") + "\n"):
            self.write(text)
            with self.assertRaises(tacit.InvalidArgumentError):
                tacit.env.set_secret("K", "v")
            self.assertEqual(self.read(), text)

    def test_a_locked_vault_leaves_the_folder_alone(self):
        with tacit.Client() as client:
            client.lock()
            try:
                with self.assertRaises(tacit.LockedError):
                    tacit.env.init_user_secrets()
                self.assertEqual(os.listdir(), [])
            finally:
                client.unlock(PASSPHRASE)

    def test_a_secret_that_is_no_text_is_said(self):
        manager = UserSecretsManager()
        tacit.set("BINARY", b"\xff", manager.info()["collection"])
        with self.assertWarnsRegex(UserWarning, "BINARY"):
            self.assertEqual(manager.list(), {})

    def test_the_old_name(self):
        program = ("import os\nfrom python_env_secrets import init_user_secrets, set_secret, "
                   "get_secret, load_user_secrets, integrate_with_dotenv, UserSecretsManager\n"
                   f"os.chdir({self.folder!r})\ninit_user_secrets()\nset_secret('A', '1')\n"
                   "print(get_secret('A'), os.environ['A'], UserSecretsManager().info()"
                   "['secrets_count'], integrate_with_dotenv())")
        path = os.environ["PYTHONPATH"] + ":" + DROPINS
        self.assertEqual(self.python(program, PYTHONPATH=path), "1 1 1 True\n")


class IdLines(Project):
    """What cli/project_link.cpp reads, this reads too."""

    def test_lines_that_set_an_id(self):
        for line in (f"USER_SECRETS_ID={ID}", f"ENV_SECRETS_ID={ID}",
                     f" export\tUSER_SECRETS_ID = {ID} ",
                     f"USER_SECRETS_ID='{ID}'", f'USER_SECRETS_ID="{ID}"  # ours',
                     f"USER_SECRETS_ID={ID.upper()}\r", f"\ufeffUSER_SECRETS_ID={ID}",
                     f"A=1\n\n# x\nUSER_SECRETS_ID={ID}\nENV_SECRETS_ID={ID}"):
            self.assertEqual(_project_id.parse(line, ".env"), ID, line)
            self.write(line)
            said = self.ok(f"cd {self.folder} && user-secrets info")
            self.assertIn(ID, said, line)

    def test_lines_that_do_not(self):
        for line in (f"MY_USER_SECRETS_ID={ID}", f"# USER_SECRETS_ID={ID}",
                     f"exportUSER_SECRETS_ID={ID}", f"USER_SECRETS_ID {ID}", ""):
            self.assertIsNone(_project_id.parse(line, ".env"), line)

    def test_a_folder_of_that_name_is_passed_by(self):
        os.mkdir(".env")  # a virtual environment
        self.assertIsNone(_project_id.id_in(self.folder))

    def test_a_link_out_of_the_folder_is_not_followed(self):
        outside = os.path.join(self.scratch.work, "outside.env")
        self.write("A=1\n", outside)
        os.symlink(outside, ".env")
        with self.assertRaises(tacit.InvalidArgumentError):
            UserSecretsManager().init()
        self.assertEqual(self.read(outside), "A=1\n")

    def test_the_file_keeps_its_mode(self):
        self.write("A=1\n")
        os.chmod(".env", 0o640)
        UserSecretsManager().init()
        self.assertEqual(os.stat(".env").st_mode & 0o777, 0o640)
        self.assertEqual(os.listdir(), [".env"])

    def test_many_at_once_make_one_project(self):
        program = ("import sys\nfrom tacit.env import UserSecretsManager\n"
                   "print(UserSecretsManager(sys.argv[1]).init())")
        with ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(lambda _: self.python(program, self.folder), range(8)))
        self.assertEqual(len(ids), 1)
        self.assertEqual(len(re.findall("USER_SECRETS_ID", self.read())), 1)


@unittest.skipUnless(installed("pydantic"), "there is no python3-pydantic")
class Pydantic(Project):
    def test_settings_of_pydantic_1(self):
        import pydantic
        if not pydantic.VERSION.startswith("1."):
            self.skipTest("this is pydantic 2")
        from tacit.pydantic_settings import customise_sources

        class Settings(pydantic.BaseSettings):
            api_key: pydantic.SecretStr
            hosts: list = []
            mode: str = "default"
            port: int = 1

            class Config:
                env_prefix = "APP_"

            Config.customise_sources = customise_sources

        manager = UserSecretsManager()
        for key, value in (("app_api_key", "s3cret"), ("APP_HOSTS", '["a", "b"]'),
                           ("APP_PORT", "8080"), ("OTHER", "x")):
            manager.set(key, value)
            os.environ.pop(key, None)
        os.environ.update(APP_MODE="of the process", APP_PORT="1")
        settings = Settings()
        self.assertEqual(settings.api_key.get_secret_value(), "s3cret")
        self.assertEqual((settings.hosts, settings.mode, settings.port),
                         (["a", "b"], "of the process", 8080))
        self.assertEqual(Settings(port=5).port, 5)
        manager.set("APP_HOSTS", "s3cret no json")
        with self.assertRaises(ValueError) as caught:
            Settings()
        self.assertNotIn("s3cret", str(caught.exception))


if __name__ == "__main__":
    run()
