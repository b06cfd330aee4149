"""A value that does not show itself."""

from __future__ import annotations

import ctypes
import sys

from ._closing import Closing
from ._native import library
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn, Tuple, Union

    SecretValue = Union[str, bytes, bytearray, memoryview, "Secret"]


class Owner:
    """An object of libtacit that is freed, and wiped, with the last reference to this."""

    __slots__ = ("_handle", "_free")

    def __init__(self, handle: int, free: Callable[[int], None]) -> None:
        self._handle = handle
        self._free = free

    def __del__(self) -> None:
        self._free(self._handle)


class _Held:
    """Where the bytes are, as long as this is."""

    __slots__ = ("_owner", "data", "size")

    def __init__(self, owner: Owner, data: int, size: int) -> None:
        self._owner = owner
        self.data = data
        self.size = size

    def array(self) -> Any:
        return (ctypes.c_char * self.size).from_address(self.data)


class Secret(Closing):
    """The bytes of a secret, in memory that libtacit wipes: on ``close()``, at the end of a
    ``with`` block, or when the object goes.

    It shows itself neither as text nor in a traceback, compares in constant time and does not
    pickle. What `text()` and `bytes()` return are ordinary objects of Python: those nobody can
    wipe, so take them late and keep them briefly, or take a `bytearray()` and `tacit.wipe()` it.
    """

    __slots__ = ("_bytes", "__weakref__")

    def __init__(self, owner: Owner, data: int, size: int) -> None:
        """Made by `Client`."""
        self._bytes: _Held | None = _Held(owner, data, size)

    @classmethod
    def of(cls, value: Union[str, bytes, bytearray, memoryview]) -> Secret:
        """A copy of a value that the program has from elsewhere, so that it hides itself too."""
        with Passed(value) as (data, size):
            array = ctypes.create_string_buffer(max(size, 1))
            ctypes.memmove(array, data, size)
        address = ctypes.addressof(array)

        def free(handle: int, kept: Any = array) -> None:
            library().wipe(handle, ctypes.sizeof(kept))

        return cls(Owner(address, free), address, size)

    def _held(self) -> _Held:
        # The caller keeps it while it reads: another thread may close this meanwhile.
        held = self._bytes
        if held is None:
            raise InvalidArgumentError("this secret was closed", "INVALID_ARGUMENT")
        return held

    def text(self) -> str:
        """As UTF-8; UnicodeDecodeError, which tells nothing of it, if it is none."""
        held = self._held()
        view = memoryview(held.array())
        try:
            return str(view, "utf-8")
        except UnicodeDecodeError:
            pass
        raise UnicodeDecodeError("utf-8", b"", 0, 0, "the value is no UTF-8 text")

    def bytes(self) -> bytes:
        held = self._held()
        return ctypes.string_at(held.data, held.size)

    def bytearray(self) -> bytearray:
        """A copy that `tacit.wipe` can overwrite."""
        held = self._held()
        return bytearray(memoryview(held.array()))

    @property
    def size(self) -> int:
        """In bytes."""
        return self._held().size

    def close(self) -> None:
        self._bytes = None

    def __repr__(self) -> str:
        return "<tacit.Secret>" if self._bytes is not None else "<tacit.Secret, closed>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        if isinstance(other, Secret):
            return compare_digest(self.bytes(), other.bytes())
        if isinstance(other, str):
            return compare_digest(self.bytes(), other.encode("utf-8", "surrogatepass"))
        if isinstance(other, (bytes, bytearray)):
            return compare_digest(self.bytes(), other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a hash of it would tell of it

    def __reduce__(self) -> NoReturn:
        raise TypeError("a tacit.Secret is not pickled or copied: hand its name over instead")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


def secret_of(buffer: int) -> Secret:
    """Of a tacit_buffer, which becomes the secret's."""
    native = library()
    owner = Owner(buffer, native.buffer_free)
    return Secret(owner, native.buffer_data(buffer), native.buffer_size(buffer))


def wipe(buffer: bytearray) -> None:
    """Overwrites a bytearray with zeros, which no optimizer leaves out."""
    if buffer:
        array = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        library().wipe(ctypes.addressof(array), len(buffer))


class Passed:
    """A value on its way into libtacit: ``with Passed(value) as (data, size)``.

    Without a copy, but of `str`, whose encoded bytes are ours alone and are wiped afterwards.
    """

    __slots__ = ("_value", "_kept", "_own")

    def __init__(self, value: SecretValue) -> None:
        self._value = value
        self._kept: object = None
        self._own = False

    def __enter__(self) -> Tuple[Any, int]:
        value = self._value
        if isinstance(value, Secret):
            held = value._held()
            self._kept = held
            return held.data, held.size
        if isinstance(value, str):
            encoded = _encoded(value)
            self._kept, self._own = encoded, True
            return encoded, len(encoded)
        if isinstance(value, bytes):
            self._kept = value
            return value, len(value)
        if isinstance(value, memoryview) and (value.readonly or not value.c_contiguous):
            copied = value.tobytes()
            self._kept = copied
            return copied, len(copied)
        if isinstance(value, (bytearray, memoryview)):
            size = value.nbytes if isinstance(value, memoryview) else len(value)
            array = (ctypes.c_char * size).from_buffer(value)
            self._kept = array
            return ctypes.addressof(array), size
        raise TypeError(f"a value is str, bytes, bytearray or tacit.Secret, not {type(value)}")

    def __exit__(self, *_: object) -> None:
        kept, self._kept = self._kept, None
        # CPython shares the objects of none and of one byte.
        if self._own and isinstance(kept, bytes) and len(kept) > 1:
            if sys.implementation.name == "cpython":
                library().wipe(kept, len(kept))  # c_void_p takes the address of its bytes


def _encoded(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        pass  # whose message would show a part of the value
    raise InvalidArgumentError("a value that is text is Unicode text", "INVALID_ARGUMENT")
