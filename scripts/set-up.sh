#!/bin/sh
# Makes the virtual environment .venv: the locked requirements, then the project itself (editable, so that the
# checkout is what runs). Called by the Makefile, which skips it when nothing has changed since.
#
#   sh scripts/set-up.sh run|dev|bench        (bench comes on top of dev)
set -eu

cd "$(dirname "$0")/.."
purpose=${1:?run, dev or bench}
venv=.venv

# An environment that was made for another place, or whose interpreter has gone, is made anew.
if [ "$(cat "$venv/checkout" 2>/dev/null)" != "$PWD" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! python=$(sh scripts/find-python.sh); then
        echo "Evaluator needs Python 3.11 or newer, and none was found on the PATH." >&2
        exit 1
    fi
    echo "Making the virtual environment $venv with $("$python" --version)" >&2
    if ! "$python" -m venv --clear "$venv"; then
        echo "$python cannot make a virtual environment: its venv and ensurepip modules are needed." >&2
        exit 1
    fi
    echo "$PWD" >"$venv/checkout"
fi

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@" </dev/null
}

echo "Installing the locked requirements (the first time takes about a minute)" >&2
pip install --quiet --require-hashes --requirement "requirements/$purpose.txt"
pip install --quiet --no-deps --no-build-isolation --editable .
