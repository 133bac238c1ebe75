"""Licence ids and what the lists say of them; licence expressions as trees.

Which licences count as open is the ladder's own rule: approved by the Open Source Initiative, free in the list of the
Free Software Foundation, an open-data licence of a named family, or OpenMDW. The first two are the fields
``isOsiApproved`` and ``isFsfLibre`` of the SPDX Licence List 3.29 (spdx.org/licenses), without its deprecated ids; a
test compares them with what the installed parser knows. Expressions are parsed by the library license-expression,
which also knows the ids of the whole list and their families.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

LIST_VERSION = "3.29"
"""The version of the SPDX Licence List the tables below are taken from."""

OPEN_CODE = frozenset(
    """
    0BSD AAL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later ALGLIB-Documentation
    Apache-1.0 Apache-1.1 Apache-2.0 APL-1.0 APSL-1.0 APSL-1.1 APSL-1.2 APSL-2.0 Artistic-1.0 Artistic-1.0-cl8
    Artistic-1.0-Perl Artistic-2.0 BitTorrent-1.1 BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent
    BSD-3-Clause BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-3-Clause-Open-MPI BSD-4-Clause BSD-ask-to-endorse
    BSL-1.0 CAL-1.0 CAL-1.0-Combined-Work-Exception CATOSL-1.1 CDDL-1.0 CDDL-1.1 CECILL-2.0 CECILL-2.1 CECILL-B
    CECILL-C CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 ClArtistic CNRI-Python CNRI-Python-GPL-Compatible
    Condor-1.1 CPAL-1.0 CPL-1.0 CUA-OPL-1.0 curl ECL-1.0 ECL-2.0 EFL-1.0 EFL-2.0 Entessa EPL-1.0 EPL-2.0
    EUDatagrid EUPL-1.1 EUPL-1.2 Fair Frameworx-1.0 FSFAP FTL gnuplot GPL-2.0-only GPL-2.0-or-later GPL-3.0-only
    GPL-3.0-or-later HPND ICU IJG iMatix Imlib2 Intel IPA IPL-1.0 ISC Jam LGPL-2.0-only LGPL-2.0-or-later
    LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LiLiQ-P-1.1 LiLiQ-R-1.1 LiLiQ-Rplus-1.1
    LPL-1.0 LPL-1.02 LPPL-1.2 LPPL-1.3a LPPL-1.3c MirOS MIT MIT-0 MIT-Modern-Variant Motosoto MPL-1.0 MPL-1.1
    MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 Multics NASA-1.3 Naumen NCSA NGPL Nokia NOSL
    NPL-1.0 NPL-1.1 NPOSL-3.0 NTP OCLC-2.0 OFL-1.0 OFL-1.1 OFL-1.1-no-RFN OFL-1.1-RFN OGTSL OLDAP-2.3 OLDAP-2.7
    OLDAP-2.8 OLFL-1.3 OpenSSL OSC-1.0 OSET-PL-2.1 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 PHP-3.0 PHP-3.01
    PostgreSQL Python-2.0 Python-2.0.1 QPL-1.0 RPL-1.1 RPL-1.5 RPSL-1.0 RSCPL Ruby SGI-B-2.0 SimPL-2.0 SISSL
    Sleepycat SMLNJ SPL-1.0 UCL-1.0 Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim VSL-1.0 W3C W3C-20150513
    Watcom-1.0 WordNet WTFPL X11 XFree86-1.1 xinetd Xnet YPL-1.1 Zend-2.0 Zimbra-1.3 Zlib ZPL-2.0 ZPL-2.1
    """.split()  # noqa: SIM905 -- a table of ids is easier to compare with its source this way
)
"""OSI-approved or FSF-libre, and none of the open-data licences."""

OPEN_DATA = frozenset(
    """
    CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-2.5-AU CC-BY-3.0 CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO
    CC-BY-3.0-NL CC-BY-3.0-US CC-BY-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5
    CC-BY-SA-3.0 CC-BY-SA-3.0-AT CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-1.0
    CDLA-Permissive-2.0 CDLA-Sharing-1.0 GFDL-1.1-invariants-only GFDL-1.1-invariants-or-later
    GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.1-only GFDL-1.1-or-later
    GFDL-1.2-invariants-only GFDL-1.2-invariants-or-later GFDL-1.2-no-invariants-only
    GFDL-1.2-no-invariants-or-later GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-invariants-only
    GFDL-1.3-invariants-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later GFDL-1.3-only
    GFDL-1.3-or-later ODbL-1.0 ODC-By-1.0 OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 PDDL-1.0
    """.split()  # noqa: SIM905 -- as above
)
"""The open-data families: CC0, CC-BY, CC-BY-SA, CDLA, ODC-By, ODbL, PDDL, GFDL, OGL."""

OPEN_MODEL = frozenset({"OpenMDW-1.0"})
"""Made for a model with everything that belongs to it."""

NON_COMMERCIAL = ("Aladdin", "CC-BY-NC-", "PolyForm-Noncommercial-", "BUSL-", "JPL-image", "NCGL-UK-")
"""How ids begin that allow no commercial (or no production) use without asking."""
CONDITIONAL = (
    "CC-BY-ND-", "C-UDA-", "Elastic-", "FSL-", "Hippocratic-", "JSON", "PolyForm-Small-Business-", "SSPL-", "SUL-",
)  # fmt: skip
"""How ids begin that allow commercial use, but not every use, user or change."""

Operator = Literal["AND", "OR"]


@dataclass(frozen=True, slots=True)
class Single:
    """One licence of an expression, with its exception if it has one. ``plus`` is "or any later version"."""

    id: str
    exception: str = ""
    plus: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Licences of which all hold at once (AND) or one may be chosen (OR)."""

    operator: Operator
    parts: tuple[Single | Joined, ...]


Expression = Single | Joined


@dataclass(frozen=True, slots=True)
class Listed:
    """What the SPDX Licence List says of an id. ``instead`` is what a deprecated id is called now, or empty."""

    family: str
    exception: bool
    deprecated: bool
    instead: str = ""


@cache
def listed() -> Mapping[str, Listed]:
    """Every id of the list, exceptions included, as spelt there; deprecated ones with their successor."""
    from license_expression import get_license_index

    found: dict[str, Listed] = {}
    older: dict[str, Listed] = {}
    for entry in get_license_index():
        key = entry.get("spdx_license_key") or ""
        if not key or key.startswith("LicenseRef-"):
            continue
        family, exception = str(entry["category"]), bool(entry["is_exception"])
        found[key] = Listed(family, exception, bool(entry["is_deprecated"]))
        for other in entry["other_spdx_license_keys"]:
            if not other.startswith("LicenseRef-"):
                older[other] = Listed(family, exception, deprecated=True, instead=key)
    for key in OPEN_CODE | OPEN_DATA | OPEN_MODEL:
        # Newer than the library's list, or taken there for an exception (MPL-2.0-no-copyleft-exception).
        family = found[key].family if key in found else "Permissive"
        found[key] = Listed(family, exception=False, deprecated=False)
    return MappingProxyType({**older, **found})


def parse_expression(text: str) -> Expression | None:
    """The tree of a licence expression; None where it is none. Whether its ids exist is not asked.

    The library raises more than its own errors on bad text (AttributeError on ``MIT OR``, IndexError on ``()``), so
    whatever it raises means that the text is no expression.
    """
    from license_expression import Licensing

    try:
        return _tree(Licensing().parse(text, simple=True))
    except Exception:  # noqa: BLE001 -- see above
        return None


def _tree(node: Any) -> Expression | None:  # noqa: ANN401 -- the library has no types for its trees
    if node is None:
        return None
    name = type(node).__name__
    if name in {"AND", "OR"}:
        parts = tuple(part for part in map(_tree, node.args) if part is not None)
        return Joined("AND" if name == "AND" else "OR", parts)
    if name == "LicenseWithExceptionSymbol":
        return _single(node.license_symbol.key, node.exception_symbol.key)
    return _single(node.key)


def _single(key: str, exception: str = "") -> Single:
    plus = key.endswith("+") and key not in listed()
    return Single(key.removesuffix("+") if plus else key, exception, plus)


def singles(expression: Expression) -> Iterator[Single]:
    """The licences of an expression, from left to right."""
    if isinstance(expression, Single):
        yield expression
        return
    for part in expression.parts:
        yield from singles(part)
