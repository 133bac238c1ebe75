"""The header of an inspect_ai archive (``.eval``): a zip whose members may be compressed with Zstandard.

Only the header is unpacked, and its bytes are counted while that happens, whatever the archive says about itself.
What the archive says is looked at first: names, number and sizes of its members.
"""

from __future__ import annotations

import io
import posixpath
import sys
from typing import IO, Any

from evaluator.files.problems import Problems, shorten
from evaluator.files.sources import Source

HEADER_BYTES = 64_000_000
MAX_MEMBERS = 200_000
MAX_UNPACKED = 16_000_000_000
MAX_RATIO = 1000
SMALL = 10_000_000
"""A member up to this size may be compressed as well as it likes."""

_STEP = 1 << 16
_OFFICE = "[Content_Types].xml"
"""The member that every document of an office program has (docx, pptx, xlsx)."""
_ENTRY = b"PK\x01\x02"


def is_archive(data: bytes) -> bool:
    """Whether the bytes are a zip archive."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read_header(source: Source, found: Problems) -> bytes | None:
    """The bytes of ``header.json``; None, with problems noted, where the archive is no log or not fit to be opened."""
    name = source.name
    entries = source.data.count(_ENTRY)
    if entries > MAX_MEMBERS:
        found.add("results.archive_too_many", name, count=f"{entries:,}", limit=f"{MAX_MEMBERS:,}")
        return None
    try:
        with _open(source.data) as archive:
            members = archive.infolist()
            before = len(found)
            _check(members, name, found)
            if len(found) != before:
                return None
            names = {member.filename for member in members}
            if "header.json" in names:
                return _unpack(archive, "header.json", name, found)
    except Exception as error:  # noqa: BLE001 -- whatever the reader raises about an archive is about the archive
        found.add("results.archive_unreadable", name, reason=type(error).__name__)
        return None
    samples = sum(member.startswith("samples/") for member in names)
    if samples or any(member.startswith("_journal/") for member in names):
        found.add("results.unfinished", name, reason=f"header.json: -, samples: {samples:,}")
    elif "xl/workbook.xml" in names:
        found.add("results.workbook", name)
    else:
        found.add("results.document" if _OFFICE in names else "results.archive_not_a_log", name)
    return None


def _open(data: bytes) -> Any:  # noqa: ANN401 -- two classes of one shape
    if sys.version_info >= (3, 14):
        import zipfile
    else:
        from backports.zstd import zipfile
    return zipfile.ZipFile(io.BytesIO(data))


def _check(members: list[Any], name: str, found: Problems) -> None:
    seen: set[str] = set()
    whole = 0
    for member in members:
        shown = shorten(member.filename)
        plain = member.filename.replace("\\", "/")
        if plain.startswith("/") or plain[1:2] == ":" or ".." in plain.split("/") or posixpath.isabs(plain):
            found.add("results.archive_name", name, member=shown)
        if member.filename in seen:
            found.add("results.archive_repeated", name, member=shown)
        seen.add(member.filename)
        if member.flag_bits & 1:
            found.add("results.archive_encrypted", name, member=shown)
            return
        whole += member.file_size
        if member.file_size > SMALL and member.file_size > MAX_RATIO * member.compress_size:
            found.add("results.archive_ratio", name, member=shown, ratio=f"{MAX_RATIO:,}", limit=f"{MAX_RATIO:,}")
    if whole > MAX_UNPACKED:
        found.add("results.archive_too_large", name, member="*", size=f"{MAX_UNPACKED:,}", limit=f"{MAX_UNPACKED:,}")


def _unpack(archive: Any, member: str, name: str, found: Problems) -> bytes | None:  # noqa: ANN401 -- see _open
    """The bytes of a member, counted while they come; its checksum is checked by reading to the end."""
    packed = archive.getinfo(member).compress_size
    limit = min(HEADER_BYTES, max(SMALL, MAX_RATIO * packed))
    parts: list[bytes] = []
    size = 0
    stream: IO[bytes]
    with archive.open(member) as stream:
        while part := stream.read(_STEP):
            size += len(part)
            if size > limit:
                found.add("results.archive_too_large", name, member=member, size=f"{limit:,}", limit=f"{limit:,}")
                return None
            parts.append(part)
    return b"".join(parts)
