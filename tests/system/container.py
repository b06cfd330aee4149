"""A Debian 12 of a test's own: an overlay over a bare root, entered by systemd-nspawn, and booted."""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE = 120  # seconds; generous, for busy machines
USER, UID = "alice", 1000


class Container:
    """Use as a context manager: on leaving, it is shut down and its files are gone."""

    def __init__(self, bare_root):
        self.scratch = tempfile.mkdtemp(prefix="tacit-system-", dir="/var/tmp")
        os.chmod(self.scratch, 0o755)
        self.root, upper, work = (os.path.join(self.scratch, name)
                                  for name in ("root", "upper", "work"))
        for folder in (self.root, upper, work):
            os.mkdir(folder, 0o755)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={bare_root},upperdir={upper},workdir={work}", self.root], check=True)
        self.booted = None
        self.leader = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.shut_down()
        finally:
            subprocess.run(["umount", self.root], check=True)
            shutil.rmtree(self.scratch)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, path, text, mode=0o644):
        """A file of root's in the container."""
        target = self.path(path.lstrip("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(target, mode)

    def _nspawn(self, *more):
        return ["systemd-nspawn", "--quiet", "--directory", self.root, "--register=no",
                "--keep-unit", "--system-call-filter=@memlock", "--resolv-conf=off", "--timezone=off", *more]

    def bare(self, command, check=True, user="root"):
        """What a shell command printed, run where nothing is booted."""
        proxies = [f"--setenv={name}={os.environ[name]}"
                   for name in ("http_proxy", "https_proxy", "no_proxy") if name in os.environ]
        return _run(self._nspawn("--pipe", "--as-pid2", f"--user={user}",
                                 "--setenv=DEBIAN_FRONTEND=noninteractive",
                                 *proxies, "/bin/sh", "-c", "exec 2>&1; " + command), check, timeout=600)

    def boot(self):
        """Boots it and waits until its manager says that it is up."""
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        address = os.path.join(self.scratch, "notify")
        notices.bind(address)
        with open(os.path.join(self.scratch, "console"), "wb") as console:
            self.booted = subprocess.Popen(
                self._nspawn("--notify-ready=yes", "--boot", "--console=pipe"),
                env={**os.environ, "NOTIFY_SOCKET": address}, stdin=subprocess.DEVNULL,
                stdout=console, stderr=console)
        end = time.monotonic() + DEADLINE
        ready = False
        while not (ready and self.leader):
            if not select.select([notices], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("it does not boot: " + self.console())
            for line in notices.recv(8192).decode().splitlines():
                name, _, value = line.partition("=")
                if name == "X_NSPAWN_LEADER_PID":
                    self.leader = value
                elif name == "READY":
                    ready = True
        notices.close()

    def console(self):
        with open(os.path.join(self.scratch, "console"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def shut_down(self):
        if self.booted is None:
            return
        booted, self.booted = self.booted, None
        booted.send_signal(signal.SIGTERM)
        try:
            booted.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            booted.kill()
            booted.wait()
            raise

    def _entered(self, *argv):
        return ["nsenter", "--target", self.leader, "--mount", "--uts", "--ipc", "--pid", "--root",
                "env", "--chdir=/", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG=C.UTF-8", *argv]

    def as_root(self, command, check=True):
        """What a shell command printed, run as root in the booted container."""
        return _run(self._entered("/bin/sh", "-c", "exec 2>&1; " + command), check)

    def _service(self, *more):
        return self._entered("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--uid={USER}",
                             *more)

    def as_user(self, command, check=True):
        """Beside the user's session, without opening one: what a program of another service does."""
        return _run(self._service(f"--setenv=XDG_RUNTIME_DIR=/run/user/{UID}", "--property=WorkingDirectory=~",
                                  "/bin/sh", "-c", "exec 2>&1; " + command), check)

    def login(self):
        return Login(self._service("--property=PAMName=login", "--property=WorkingDirectory=~", "/bin/sh"))


class Login:
    """A session of the user's, from PAM to logout. Use as a context manager."""

    def __init__(self, argv):
        self.shell = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.logout()

    def run(self, command):
        """Exit code and output of a shell command in the session."""
        mark = "-- end of answer --"
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null 2>&1; code=$?; echo; echo '{mark}' $code\n")
        self.shell.stdin.flush()
        said = []
        for line in self.shell.stdout:
            if line.startswith(mark):
                return int(line.split()[-1]), "".join(said).rstrip("\n")
            said.append(line)
        raise AssertionError(f"the session ended in `{command}`: {''.join(said)}")

    def ok(self, command):
        code, said = self.run(command)
        if code != 0:
            raise AssertionError(f"{command}: exit {code}\n{said}")
        return said

    def logout(self):
        if self.shell.poll() is None:
            self.shell.stdin.close()
            self.shell.wait(DEADLINE)
        self.shell.stdout.close()


def _run(argv, check, timeout=DEADLINE):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{argv[-1]}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
