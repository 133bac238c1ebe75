#!/bin/sh
# Prints the Python to build the virtual environment with: python3.11, the version the project is tested on,
# or else a newer python3. Prints nothing and fails when there is none.
set -eu

for name in python3.11 python3 python3.12 python3.13 python3.14 python; do
    path=$(command -v "$name" 2>/dev/null) || continue
    # Asking the interpreter also steps over launchers that exist but start nothing.
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
done
exit 1
