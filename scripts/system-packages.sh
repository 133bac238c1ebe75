#!/bin/sh
# Installs what pip cannot install: Pango and HarfBuzz (WeasyPrint draws the PDF files with them), a Korean font,
# Python's venv module and, for the tests, Poppler and LibreOffice Calc. Whatever is there already is left alone, and nothing is asked
# of the network when nothing is missing.
#
#   sh scripts/system-packages.sh run|dev
#
# SYSTEM_PACKAGES=no skips all of it, for a machine that gets these from somewhere else.
set -eu

here=$(dirname "$0")
purpose=${1:?run or dev}
[ "${SYSTEM_PACKAGES:-yes}" != no ] || exit 0

wanted="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 fonts-nanum"
if [ "$purpose" = dev ]; then
    wanted="$wanted poppler-utils"
    # A desktop installation brings LibreOffice in other packages, which exclude this one.
    command -v soffice >/dev/null 2>&1 || wanted="$wanted libreoffice-calc-nogui"
fi

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    # Said once: the virtual environment is made right after this.
    [ -d "$here/../.venv" ] || cat >&2 <<'TEXT'
This is not Debian or Ubuntu, so system packages are not installed for you. The PDF reports need
  Pango and HarfBuzz    macOS: brew install pango      Fedora: dnf install pango
  a Korean font         NanumBarunGothic or NanumGothic (macOS: brew install --cask font-nanum-gothic)
  Poppler (tests only)  macOS: brew install poppler    Fedora: dnf install poppler-utils
  LibreOffice (tests only; without it the tests of the workbook's formulas are left out)
`evaluator doctor` tells what is still missing. Going on.
TEXT
    exit 0
fi

missing=
for package in $wanted; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done

if python=$(sh "$here/find-python.sh"); then
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        # Debian splits venv off into a package for each Python version.
        missing="$missing $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
else
    missing="$missing python3 python3-venv"
fi

[ -n "$missing" ] || exit 0

install="apt-get install --yes --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    cat >&2 <<TEXT
These system packages are missing:$missing
Installing them needs an administrator. Please have this run, then call make again:
  apt-get update && $install
(or, if they come from somewhere else: make SYSTEM_PACKAGES=no ...)
TEXT
    exit 1
fi

echo "Installing system packages:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# $as_root and $install are lists of words on purpose.
# shellcheck disable=SC2086
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "The packages could not be installed. What failed, to be tried by hand:" >&2
    echo "  ${as_root:+$as_root }apt-get update && ${as_root:+$as_root }$install" >&2
    exit 1
fi
