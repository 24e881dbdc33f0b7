#!/bin/sh
# Assembles the guests of the runtime's own tests; needs wabt 1.0.32 or newer (wat2wasm). The
# results are committed, so that a build needs no such tool.
set -eu
cd "$(dirname "$0")"
for source in *.wat; do
    wat2wasm --debug-names --enable-threads --enable-exceptions --enable-memory64 "$source" \
        -o "${source%.wat}.wasm"
done
