"""Where the evidence for access.yaml lies: web addresses, and files in the applicant's folder of documents."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from evaluator.files.checks import Fault
from evaluator.files.problems import nearest, shorten

DOCUMENT_BYTES = 500_000_000
"""The largest document that is hashed."""

_LISTED = 5_000
"""How many documents are looked at to find the one that was probably meant."""

# A host with a dot, perhaps a port, and no name or password before it.
_ADDRESS = re.compile(r"https?://[^\s/?#@\\:]+\.[^\s/?#@\\:]+(:[0-9]{1,5})?([/?#]\S*)?", re.IGNORECASE)


def place_fault(key: str, value: str) -> Fault | None:
    """What is wrong with a web address (``url``) or the name of a document (``file``) as text."""
    params: dict[str, object] = {"value": shorten(value)}
    if key == "url":
        return None if _ADDRESS.fullmatch(value) else ("access.not_an_address", params)
    parts = value.split("/")
    absolute = PurePosixPath(value).is_absolute() or PureWindowsPath(value).drive
    if absolute or "\\" in value or not all(parts) or {".", ".."}.intersection(parts):
        return "access.file_path", params
    return None


def document_hash(name: str, folder: Path) -> tuple[str, Fault | None]:
    """The sha256 of a document by its name in the folder, or what is wrong with it.

    Nothing outside the folder is opened: where a link leads out of it (or the folder itself is such a link), that is
    the fault. Faults of the area ``file`` are about the document itself, those of ``access`` about how it is named.
    """
    params: dict[str, object] = {"value": shorten(name)}
    path = folder / name
    try:
        if not path.exists() and not path.is_symlink():
            return "", _missing(name, folder)
        real, home = path.resolve(strict=True), folder.parent.resolve(strict=True) / folder.name
        if not real.is_relative_to(home):
            return "", ("access.file_outside", params)
        if not real.is_file():
            return "", ("access.file_not_a_file", params)
        size = real.stat().st_size
        if size == 0:
            return "", ("access.file_empty", params)
        if size > DOCUMENT_BYTES:
            return "", ("file.too_large", {"size": f"{size:,}", "limit": f"{DOCUMENT_BYTES:,}"})
        with real.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), None
    except RuntimeError:
        return "", ("file.unreadable", {"reason": os.strerror(errno.ELOOP)})
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return "", ("file.unreadable", {"reason": reason})


def uncited_documents(folder: Path, cited: Iterable[str]) -> tuple[list[str], list[str]]:
    """The documents in a folder and below it that nothing cites, and the links that lead out of it, cited or not.

    Hidden files are passed over: file managers leave them behind. Cited links are left to ``document_hash``.
    """
    named = {unicodedata.normalize("NFC", name) for name in cited}
    home = folder.resolve()
    uncited, leading_out = [], []
    for name in _listed(folder, linked=True):
        if unicodedata.normalize("NFC", name) in named or name.rpartition("/")[2].startswith("."):
            continue
        path = folder / name
        if path.is_symlink() and not _leads_inside(path, home):
            leading_out.append(name)
        elif not path.is_dir():
            uncited.append(name)
    return uncited, leading_out


def _leads_inside(link: Path, home: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):
        return False


def _missing(name: str, folder: Path) -> Fault:
    params: dict[str, object] = {"value": shorten(name)}
    there = _listed(folder)
    forms = {unicodedata.normalize("NFC", other) for other in there}
    if unicodedata.normalize("NFC", name) in forms:
        return "access.file_unicode_form", params
    inside = name.partition("/")[2] if name.startswith(f"{folder.name}/") else ""
    near = inside if inside in there else nearest(name, there)
    return "access.file_missing_near" if near else "access.file_missing", {**params, "near": near}


def _listed(folder: Path, *, linked: bool = False) -> list[str]:
    """The names of the documents in a folder and below it, in order; links to folders are not followed.

    ``linked``: those links are listed, too.
    """
    found: list[str] = []
    for at, folders, files in os.walk(folder):
        folders.sort()
        below = Path(at).relative_to(folder)
        links = [name for name in folders if (Path(at) / name).is_symlink()] if linked else []
        found += [(below / file).as_posix() for file in sorted([*files, *links])]
        if len(found) > _LISTED:
            break
    return found
