"""Opening files: what is there, its bytes and their hash, and the text they hold."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from evaluator.files.problems import Problems

YAML_BYTES = 5_000_000
TABLE_BYTES = 64_000_000
SCORES_BYTES = 2_000_000_000

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# Everything that prints nothing, changes the direction of what is printed, or is no character at all. Zero-width
# joiners are left alone: some scripts and emoji need them.
_BANNED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: how messages call it, its bytes and their sha256."""

    name: str
    data: bytes
    sha256: str


def read_bytes(path: Path, name: str, limit: int, found: Problems) -> Source | None:
    """The bytes of a file; None, with a problem noted, where it cannot be had or is larger than ``limit`` bytes."""
    try:
        if not path.exists():
            found.add("file.missing", name)
            return None
        if not path.is_file():
            found.add("file.not_a_file", name)
            return None
        size = path.stat().st_size
        if size > limit:
            found.add("file.too_large", name, size=f"{size:,}", limit=f"{limit:,}")
            return None
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        found.add("file.unreadable", name, reason=reason)
        return None
    return Source(name, data, hashlib.sha256(data).hexdigest())


def decode(source: Source, found: Problems) -> str | None:
    """The text of a file, without a byte-order mark.

    Only UTF-8 is accepted. Where another encoding is recognised a problem is noted and the text is returned all the
    same, so that what else is wrong with it can be said; None where no text can be made of the bytes.
    """
    data, name = source.data, source.name
    data = data.removeprefix(_UTF8_MARK)
    utf16 = _utf16(data)
    if utf16:
        found.add("encoding.utf16" if _is_table(name) else "encoding.utf16_text", name, command=_iconv(utf16, name))
        try:
            return data.decode(utf16).removeprefix("\ufeff")
        except UnicodeDecodeError:
            return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _other_encoding(data, error.start, name, found)


def _utf16(data: bytes) -> str:
    """The name of the UTF-16 variant the bytes are in, empty where they are not."""
    if data.startswith(_UTF16_MARKS):
        return "utf-16"
    head = data[:400]
    if len(head) >= 8:
        for name, nulls in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
            if nulls.count(0) * 2 > len(nulls):
                return name
    return ""


def _other_encoding(data: bytes, bad: int, name: str, found: Problems) -> str | None:
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        text = ""
    hangul = sum("가" <= c <= "힣" for c in text)
    others = sum(ord(c) > 127 for c in text) - hangul
    if hangul > others:
        code = "encoding.cp949" if _is_table(name) else "encoding.cp949_text"
        found.add(code, name, command=_iconv("cp949", name))
        return text
    line = data.count(b"\n", 0, bad) + 1
    start = data.rfind(b"\n", 0, bad) + 1
    column = len(data[start:bad].decode("utf-8", "replace")) + 1
    found.add("encoding.unknown", name, (line, column), byte=f"0x{data[bad]:02X}")
    return None


def _is_table(name: str) -> bool:
    """Whether a spreadsheet program saves such a file; everything else is saved by an editor."""
    return name.casefold().endswith((".csv", ".tsv"))


def _iconv(encoding: str, name: str) -> str:
    # A name like rubric:id is no file to convert, but shipped rubrics are UTF-8, so it does not arise.
    quoted = shlex.quote(name)
    converted = shlex.quote(f"{name}.utf8")
    return f"iconv -f {encoding} -t utf-8 {quoted} > {converted} && mv {converted} {quoted}"


def banned_character(text: str) -> int:
    """Where the first character stands that no text may hold (control characters and the like); -1 if nowhere."""
    hit = _BANNED.search(text)
    return hit.start() if hit else -1


def character_name(char: str) -> str:
    """A character as a message shows it: its code point and, where it has one, its name."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X} {name}".rstrip()


def relative_name(path: Path, folder: Path) -> str:
    """How messages and records call a file: its path relative to the round folder, with slashes."""
    return Path(os.path.relpath(path, folder)).as_posix()
