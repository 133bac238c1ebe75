"""What this machine lacks for everything Evaluator does, and the command that mends each."""

from __future__ import annotations

import importlib
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords

# Syllables spread over all of Hangul, with some that fonts of 2,350 syllables lack.
HANGUL = "가각갂꺅꿻냥뇄댜뎡똠랼롸먀뫙믜밟뱧뷁뺜뼹샾쀼솨쑛쓩앍얗왝웱쟎쥬쨔쮓챨츙콰큑탸틔팎퍅픠햏홥훠힣"
HANJA = "甲乙丙丁戊國漢字金李朴"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is there, what was seen, and the command that mends it (empty where none)."""

    name: str
    ok: bool
    seen: str = ""
    fix: str = ""


def examine(lang: Language) -> list[Finding]:
    """Everything that is looked at, in the order in which it matters."""
    words = TerminalWords(lang)
    version = platform.python_version()
    findings = [Finding("python", sys.version_info >= (3, 11), version, words("doctor.fix_python"))]
    findings.append(_packages())
    pango = _pango()
    findings.append(pango)
    findings.append(_harfbuzz() if pango.ok else Finding("harfbuzz", False, words("doctor.not_checked"), _FIX_PANGO))
    for name, sample, fix in (("fonts", HANGUL, _fix_fonts()), ("hanja", HANJA, _fix_hanja())):
        if not pango.ok:
            findings.append(Finding(name, False, words("doctor.not_checked"), fix))
            continue
        missing = _undrawn(sample)
        seen = words("doctor.missing_characters", characters=missing) if missing else ""
        findings.append(Finding(name, not missing, seen, fix))
    findings.append(_write(words))
    findings.append(_encoding())
    return [finding if not finding.ok else Finding(finding.name, True, finding.seen) for finding in findings]


def _by_system(debian: str, macos: str, windows: str) -> str:
    if sys.platform == "darwin":
        return macos
    return windows if sys.platform == "win32" else debian


_FIX_PANGO = _by_system(
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "brew install pango",
    "pacman -S mingw-w64-x86_64-pango   (MSYS2; docs/installing.md)",
)


def _fix_fonts() -> str:
    return _by_system("apt-get install fonts-nanum", "brew install --cask font-nanum-gothic", "docs/installing.md")


def _fix_hanja() -> str:
    # NanumBarunGothic has the Hanja in common use; further ones need a fallback with TrueType outlines.
    return _by_system(
        "apt-get install fonts-nanum fonts-unfonts-core", "brew install --cask font-nanum-gothic", "docs/installing.md"
    )


_ZSTD = () if sys.version_info >= (3, 14) else ("backports.zstd",)
"""What reads zip members compressed with Zstandard where Python does not."""


def _packages() -> Finding:
    missing = []
    for name in ("numpy", "pyarrow", "xlsxwriter", "rich", "jinja2", "ruamel.yaml", "license_expression", *_ZSTD):
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return Finding("packages", not missing, ", ".join(missing), f"{sys.executable} -m pip install --upgrade evaluator")


def _pango() -> Finding:
    # WeasyPrint loads Pango when it is imported and raises OSError where it is not there.
    try:
        from weasyprint.text.ffi import pango

        number = pango.pango_version()
    except (OSError, ImportError, AttributeError) as error:
        return Finding("pango", False, str(error).splitlines()[0][:70] if str(error) else "", _FIX_PANGO)
    return Finding("pango", True, f"{number // 10000}.{number // 100 % 100}.{number % 100}")


def _harfbuzz() -> Finding:
    from weasyprint.text import ffi

    return Finding("harfbuzz", getattr(ffi, "harfbuzz_subset", None) is not None, "", _FIX_PANGO)


def _undrawn(sample: str) -> str:
    """The characters of a sample that no installed font draws in a report."""
    from evaluator.report import MissingGlyphs, render_pdf

    try:
        render_pdf(f"<html lang=ko><title>doctor</title><p>{sample}</p></html>", report="doctor")
    except MissingGlyphs as error:
        return "".join(glyph.character for glyph in error.glyphs)
    return ""


def _write(words: TerminalWords) -> Finding:
    try:
        with tempfile.TemporaryDirectory(prefix=".evaluator-", dir="."):
            pass
    except OSError as error:
        return Finding("write", False, error.strerror or "", words("doctor.fix_write"))
    return Finding("write", True)


def _encoding() -> Finding:
    name = (sys.stdout.encoding or "").lower()
    fix = _by_system("export PYTHONUTF8=1 LANG=C.UTF-8", "export PYTHONUTF8=1", "setx PYTHONUTF8 1")
    return Finding("encoding", name.replace("-", "") == "utf8", name, fix)


def finding_lines(findings: list[Finding], lang: Language) -> Iterator[str]:
    """The findings as a person reads them."""
    words = TerminalWords(lang)
    for finding in findings:
        state = words("doctor.ok" if finding.ok else "doctor.lacking")
        yield f"{state}  {words(f'doctor.{finding.name}')}" + (f": {finding.seen}" if finding.seen else "")
        if finding.fix:
            yield f"      {words('doctor.run')}: {finding.fix}"
    lacking = sum(not finding.ok for finding in findings)
    yield words("doctor.some", n=lacking) if lacking else words("doctor.all_ok")


__all__ = ["Finding", "examine", "finding_lines"]
