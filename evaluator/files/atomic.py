"""Results are put in place whole: written beside the target first, moved there when everything is complete.

A command that is interrupted or killed leaves the old result or none. A result folder that does not exist yet
appears with all its files in one move; in one that exists each file is replaced in one move, one right after the
other, ``evaluation.json`` last, and what belonged to the old result alone goes after that.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

RECORD_NAME = "evaluation.json"
_STAGE_PREFIX = ".evaluator-"
_STALE_SECONDS = 3600


def write_atomic(path: Path, content: bytes) -> None:
    """Write one file by way of a temporary sibling; an existing file is replaced in one move."""
    with staged(path.parent) as stage:
        (stage / path.name).write_bytes(content)


@contextmanager
def staged(target: Path, gone: Collection[str] = ()) -> Iterator[Path]:
    """A temporary folder to write into; what it holds at the end of the block moves into ``target``.

    Files and folders of the same names in ``target`` are replaced, the files named by ``gone`` are removed (unless
    there are new ones of these names), others stay as they are. Where the block raises,
    ``target`` is as it was before. The temporary folder lies beside ``target`` if that does not exist yet, else
    inside it, so that moving never copies. What killed commands left behind more than an hour ago is cleared away.
    """
    target = target.absolute()
    fresh = not target.exists()
    place = target.parent if fresh else target
    place.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=place))
    try:
        _clear_stale(place, scratch)
        stage = scratch / "new"
        stage.mkdir()
        yield stage
        _flush(stage)
        if fresh and not target.exists():
            stage.rename(target)
        else:
            target.mkdir(exist_ok=True)
            stale = [target / name for name in gone if not (stage / name).exists()]
            _replace_each(stage, target, scratch)
            # Last: until the record is replaced it may name them.
            for path in stale:
                path.unlink(missing_ok=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace_each(stage: Path, target: Path, scratch: Path) -> None:
    for new in sorted(stage.iterdir(), key=lambda p: (p.name == RECORD_NAME, p.name)):
        old = target / new.name
        if old.is_dir() and not old.is_symlink():
            # A folder with content cannot be replaced in one move: the old one steps aside first.
            old.rename(scratch / f"old-{new.name}")
        new.replace(old)


def _flush(folder: Path) -> None:
    """Have the content on the disk before the names change, so that a power cut cannot leave empty files."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _clear_stale(place: Path, own: Path) -> None:
    now = own.stat().st_mtime
    for other in place.glob(f"{_STAGE_PREFIX}*"):
        if other != own and other.is_dir() and now - other.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
