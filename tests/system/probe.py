#!/usr/bin/python3
"""Tries what tacitd.service forbids, and prints a line for each: what it was, and `refused` or `done`.

Run as that unit with this in place of the daemon."""

import ctypes
import mmap
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, SCHED_FIFO, PTRACE_TRACEME, ADDR_NO_RANDOMIZE = 0x10000000, 1, 0, 0x0040000
KEYCTL, IO_SETUP = 250, 206  # x86_64


def attempt(what, function):
    try:
        print(what, "refused" if function() in (-1, ctypes.c_void_p(-1).value) else "done")
    except OSError:
        print(what, "refused")


def set_user_id_bit():
    path = os.path.join(os.environ["XDG_RUNTIME_DIR"], "probe")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o700))
    try:
        os.chmod(path, 0o4700)
    finally:
        os.unlink(path)


attempt("internet", lambda: socket.socket(socket.AF_INET))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("unix", lambda: socket.socket(socket.AF_UNIX))
attempt("write-and-execute", lambda: mmap.mmap(
    -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
attempt("namespace", lambda: libc.unshare(CLONE_NEWUSER))
attempt("realtime", lambda: os.sched_setscheduler(0, SCHED_FIFO, os.sched_param(1)))
attempt("set-user-id", set_user_id_bit)
attempt("personality", lambda: libc.personality(ADDR_NO_RANDOMIZE))
attempt("ptrace", lambda: libc.ptrace(PTRACE_TRACEME, 0, 0, 0))
if os.uname().machine == "x86_64":
    attempt("keyring", lambda: libc.syscall(KEYCTL, 0, -3, 0))
    attempt("aio", lambda: libc.syscall(IO_SETUP, 1, ctypes.byref(ctypes.c_ulong(0))))
print("preload", "done" if "LD_PRELOAD" in os.environ else "refused")
sys.stdout.flush()
