#!/usr/bin/python3
"""The manual pages say what the programs do: each verb has a page, and each option of its help
stands there, and nothing else. With --pages FOLDER, also that what scdoc made of them is in order.
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/man")
# Pages of no verb.
OTHERS = {"tacit.1", "tacitd.8", "tacit-config.5", "tacit.toml.5", "tacit-reference.7",
          "user-secrets.1"}
PROGRAMS = {}


def said(*words):
    program = PROGRAMS["tacitd" if words[0] == "tacitd" else "tacit"]
    done = subprocess.run([program, *words[words[0] == "tacitd":]], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    return done.stdout


def first_words():
    """The first words of verbs, with what the overview says of them."""
    found = {}
    for line in said("--help").splitlines()[2:]:
        # The group in front, in ten columns.
        if len(line) > 10 and line[10] != " " and re.fullmatch(r"([A-Z][a-z]+)? *", line[:10]):
            word, _, about = line[10:].partition(" ")
            found[word] = about.strip()
    return found


def offered(*words):
    """What Tab offers behind these words: members of a family among it."""
    return [line.split("\t")[0] for line in said("__complete", *words, "").splitlines()[1:]]


def verbs():
    """Every verb of one word or two."""
    found = []
    for word in first_words():
        if not said(word, "--help").startswith(f"Usage: tacit {word} VERB"):
            found.append((word,))
        found += [(word, member) for member in offered(word)
                  if re.fullmatch("[a-z-]+", member)
                  and f"\nUsage: tacit {word} {member} " in said(word, member, "--help")]
    return found


class Help:
    """A verb's help, taken apart."""

    def __init__(self, *verb):
        lines = said(*verb, "--help").splitlines()
        self.summary = lines[0].rstrip(".").lower()
        usage = lines[1].split(" [OPTIONS]", 1)[1] if "[OPTIONS]" in lines[1] else ""
        self.positionals = re.findall(r"[A-Z][A-Z_]*", usage)
        self.options, self.everywhere, self.examples = {}, {}, []
        section = None
        for line in lines[2:]:
            if re.fullmatch(r"[A-Z][a-z]+:", line):
                section = line[:-1]
            elif section in ("Options", "Everywhere"):
                match = re.match(r"  (-\S+)((?: [^ ]+)?)(?:  |$)", line)
                if match:
                    into = self.options if section == "Options" else self.everywhere
                    into[match.group(1)] = match.group(2).strip()
            elif section == "Examples" and line:
                self.examples.append(line.strip())


def plain(text):
    """scdoc's marks taken away."""
    text = re.sub(r"\\(.)", "\x00\\1", text)
    text = re.sub(r"(?<!\x00)\*|(?<![\w\x00])_|(?<!\x00)_(?!\w)", "", text)
    return text.replace("\x00", "")


class Page:
    """A page's source, by its sections and their parts."""

    def __init__(self, name):
        with open(os.path.join(SOURCES, name + ".scd"), encoding="utf-8") as file:
            self.text = file.read()
        self.sections, section = {}, ""
        for line in self.text.splitlines():
            match = re.match(r"##? (.*)$", line)
            if match:
                section = match.group(1)
            else:
                self.sections.setdefault(section, []).append(line)

    def lines(self, section):
        return self.sections.get(section, [])

    def options(self, section):
        """As in a verb's help: `-c,--collection` and the label of its value."""
        found = {}
        for line in self.lines(section):
            match = re.match(r"((?:\*-[^*]*\*(?:, )?)+)(?: (_.*_))?$", line)
            if match:
                names = ",".join(re.findall(r"\*(-[^*]*)\*", match.group(1)))
                found[names] = plain(match.group(2) or "")
        return found


class Drift(unittest.TestCase):
    def test_every_verb_has_a_page_and_every_page_a_verb(self):
        pages = {os.path.basename(path).removesuffix(".scd")
                 for path in glob.glob(SOURCES + "/*.scd")}
        self.assertGreater(len(first_words()), 30)
        self.assertEqual(pages, {f"tacit-{word}.1" for word in first_words()} | OTHERS)

    def test_every_option_of_every_verb_is_in_its_page(self):
        self.assertGreater(len(verbs()), 55)
        for verb in verbs():
            with self.subTest(" ".join(verb)):
                shown, page = Help(*verb), Page(f"tacit-{verb[0]}.1")
                several = "VERBS" in page.sections
                section = "tacit " + " ".join(verb) if several else "OPTIONS"
                self.assertIn(section, page.sections)
                wanted = {name: label for name, label in shown.options.items()
                          if name != "-h,--help"}
                self.assertEqual(page.options(section), wanted)

    def test_every_verb_is_shown_as_it_is_used(self):
        for verb in verbs():
            with self.subTest(" ".join(verb)):
                shown, page = Help(*verb), Page(f"tacit-{verb[0]}.1")
                line = next(line for line in page.lines("SYNOPSIS")
                            if re.match(rf"\*tacit {' '.join(verb)}\*(?: |$)", line))
                words = re.findall(r"[A-Z][A-Z_]*", plain(line).replace("[OPTIONS]", ""))
                self.assertEqual(words, shown.positionals)

    def test_every_verb_has_examples_and_its_page_the_same(self):
        for verb in verbs():
            with self.subTest(" ".join(verb)):
                shown, page = Help(*verb), Page(f"tacit-{verb[0]}.1")
                first = shown.examples[0]
                self.assertIn(first, "\n".join(page.lines("EXAMPLES")))

    def test_no_family_has_a_part_that_is_no_verb(self):
        known = {"tacit " + " ".join(verb) for verb in verbs()}
        for word in first_words():
            for section in Page(f"tacit-{word}.1").sections:
                if section.startswith("tacit "):
                    self.assertIn(section, known)

    def test_the_first_page_has_what_all_verbs_have(self):
        page = Page("tacit.1")
        wanted = Help("get").everywhere
        self.assertEqual(len(wanted), 5)
        found = page.options("OPTIONS")
        for name in ("-h,--help", "--version"):
            self.assertIn(name, found)
            del found[name]
        self.assertEqual(found, wanted)
        listed = re.findall(r"^\*tacit-(\w+)\*\(1\)$", "\n".join(page.lines("VERBS")), re.M)
        self.assertEqual(sorted(listed), sorted(first_words()))

    def test_the_daemon(self):
        found = {}
        for line in said("tacitd", "--help").splitlines():
            match = re.match(r"  (-\S+)((?: [A-Z]+)?)(?: |$)", line)
            if match:
                found[match.group(1)] = match.group(2).strip()
        self.assertEqual(Page("tacitd.8").options("OPTIONS"), found)

    def test_the_settings(self):
        found, wanted = set(), set()
        for line in said("tacitd", "--show-config").splitlines():
            if line.startswith("["):
                table = line
            elif line:
                wanted.add(table + line.removeprefix("#").split(" ")[0])
        page = Page("tacit-config.5")
        for section, lines in page.sections.items():
            found |= {section + plain(match.group(1)) for line in lines
                      if (match := re.match(r"(\*[a-z\\_]+\*) = ", line))}
        self.assertEqual(found, wanted)


class Pages(unittest.TestCase):
    """What is installed."""

    def test_they_are_in_order(self):
        pages = sorted(glob.glob(PROGRAMS["pages"] + "/*"))
        self.assertEqual(len(pages), len(glob.glob(SOURCES + "/*.scd")))
        for page in pages:
            with self.subTest(os.path.basename(page)):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page],
                                      capture_output=True, text=True, check=False)
                # scdoc sets a paragraph where mandoc wants none; that shows nowhere.
                found = [line for line in done.stdout.splitlines()
                         if "paragraph macro" not in line]
                self.assertEqual(found, [])

    def test_man_shows_them_without_a_warning(self):
        if shutil.which("man") is None:
            self.skipTest("there is no man")
        for page in glob.glob(PROGRAMS["pages"] + "/*"):
            with self.subTest(os.path.basename(page)):
                environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "100",
                               "MANROFFSEQ": ""}
                done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                                       page], capture_output=True, text=True, check=False,
                                      env=environment)
                self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_every_page_that_is_named_is_there(self):
        there = {os.path.basename(page) for page in glob.glob(PROGRAMS["pages"] + "/*")}
        foreign = {"pass.1"}
        for name in sorted(there):
            for word, section in re.findall(r"\*([\w.-]+)\*\((\d)\)", Page(name).text):
                with self.subTest(name):
                    self.assertIn(f"{word}.{section}", there | foreign)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for program in ("tacit", "tacitd"):
        parser.add_argument("--" + program, required=True)
    parser.add_argument("--pages")
    options, rest = parser.parse_known_args()
    PROGRAMS.update(vars(options))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
