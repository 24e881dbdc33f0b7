#!/bin/sh
# Compiles file-scenarios for WASI and for Linux; what the Linux program prints is what the guest has to print. Needs
# clang with the wasm32 target, lld, wasi-libc and wabt, and gcc.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../src/main/resources/wasm/files
mkdir -p "$out"
common="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-result"

# shellcheck disable=SC2086
${CLANG:-clang} --target=wasm32-wasi ${WASI_SYSROOT:+--sysroot=$WASI_SYSROOT} $common -O2 -g0 \
    -Wl,--strip-all -Wl,-z,stack-size=131072 "$here/file-scenarios.c" -o "$out/file-scenarios.wasm"
wasm-strip "$out/file-scenarios.wasm"
chmod 644 "$out/file-scenarios.wasm"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086
${CC:-gcc} $common -O1 "$here/file-scenarios.c" -o "$work/file-scenarios"
mkdir "$work/empty"
(cd "$work/empty" && "$work/file-scenarios") >"$out/file-scenarios.expected"
