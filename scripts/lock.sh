#!/bin/sh
# Pins pyproject.toml and requirements/*.in into requirements/run.txt, dev.txt and bench.txt, for every platform and with the
# hashes of every file of each release. uv is used because it resolves for all platforms at once; it lives in a
# throw-away environment and is not needed for anything else.
#
#   sh scripts/lock.sh               keeps the pins that still fit
#   sh scripts/lock.sh --upgrade     takes the newest versions
set -eu

cd "$(dirname "$0")/.."
python=$(sh scripts/find-python.sh)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9'

compile() {
    output=$1
    shift
    # No configuration of this machine may find its way into the files: where packages are fetched from is the
    # affair of whoever installs them.
    "$scratch/venv/bin/uv" --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --output-file "$output" "$@"
    if grep -nE '://|^--' "$output"; then
        echo "$output names a package source (see above)" >&2
        exit 1
    fi
}

compile requirements/run.txt pyproject.toml requirements/run.in "$@"
# dev.in is constrained by run.txt, so that both pin the same versions of what they share.
compile requirements/dev.txt pyproject.toml requirements/run.in requirements/dev.in "$@"
# What only benchmarks need is a file of its own: neither the product nor its tests wait for it.
compile requirements/bench.txt requirements/bench.in "$@"
