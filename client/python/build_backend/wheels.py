"""Wheels and source archives of pure Python, by PEP 517 and 660, from the standard library alone.
The same files always give the same archive."""

import base64
import gzip
import hashlib
import io
import os
import tarfile
import time
import zipfile


class Distribution:
    """name, version, summary: of the metadata. root: its folder. sources: the folder, below root,
    of what is installed. entry_points: the text of entry_points.txt. requires: other
    distributions. shipped: what the source archive has besides, below root."""

    def __init__(self, *, name, version, summary, root, sources="src", entry_points="",
                 requires=(), shipped=()):
        self.name, self.version, self.summary = name, version, summary
        self.root, self.sources = root, sources
        self.entry_points, self.requires, self.shipped = entry_points, requires, shipped
        self.stem = f"{name.replace('-', '_')}-{version}"

    def metadata(self):
        """The dist-info folder but for RECORD: name -> content."""
        with open(os.path.join(self.root, "README.md"), encoding="utf-8") as file:
            readme = file.read()
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}",
                 f"Summary: {self.summary}", "License: MIT", "Requires-Python: >=3.9",
                 "Classifier: Typing :: Typed",
                 *(f"Requires-Dist: {one}" for one in self.requires),
                 "Description-Content-Type: text/markdown", "", readme]
        files = {"METADATA": "\n".join(lines),
                 "WHEEL": "Wheel-Version: 1.0\nGenerator: tacit_build\nRoot-Is-Purelib: true\n"
                          "Tag: py3-none-any\n"}
        if self.entry_points:
            files["entry_points.txt"] = self.entry_points
        return {name: text.encode() for name, text in files.items()}

    def write_metadata(self, folder):
        """Writes the dist-info folder into `folder` and returns its name."""
        name = self.stem + ".dist-info"
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for file, content in self.metadata().items():
            with open(os.path.join(folder, name, file), "wb") as out:
                out.write(content)
        return name

    def build_wheel(self, folder):
        installed = dict(_files(os.path.join(self.root, self.sources)))
        return self._wheel(folder, installed)

    def build_editable(self, folder):
        """A path file that names the sources where they lie."""
        source = os.path.abspath(os.path.join(self.root, self.sources))
        return self._wheel(folder, {f"{self.name}.pth": f"{source}\n".encode()})

    def _wheel(self, folder, files):
        info = self.stem + ".dist-info"
        files.update((f"{info}/{name}", text) for name, text in self.metadata().items())
        record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n"
                         for name, content in sorted(files.items()))
        files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
        wheel = self.stem + "-py3-none-any.whl"
        with zipfile.ZipFile(os.path.join(folder, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                entry = zipfile.ZipInfo(name, time.gmtime(max(_epoch(), 315532800))[:6])
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return wheel

    def build_sdist(self, folder):
        files = {f"{self.sources}/{name}": content
                 for name, content in _files(os.path.join(self.root, self.sources))}
        files["PKG-INFO"] = self.metadata()["METADATA"]
        for name in ("README.md", "pyproject.toml", *self.shipped):
            with open(os.path.join(self.root, name), "rb") as file:
                files[name] = file.read()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, content in sorted(files.items()):
                entry = tarfile.TarInfo(f"{self.stem}/{name}")
                entry.size, entry.mtime, entry.mode = len(content), _epoch(), 0o644
                archive.addfile(entry, io.BytesIO(content))
        name = self.stem + ".tar.gz"
        with open(os.path.join(folder, name), "wb") as out:
            out.write(gzip.compress(packed.getvalue(), mtime=0))
        return name


def _files(folder):
    """What is installed from a folder: (name below it, content)."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for name in sorted(names):
            if name.endswith((".py", "py.typed")):
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder).replace(os.sep, "/"), file.read()


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _epoch():
    return int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))  # 1980, where zip begins
