#!/bin/sh
# Compiles the guests of the benchmarks. Needs what test-modules/guests/build.sh needs.
#
#   build.sh               every guest into guests/wasm, which is what is run
#   build.sh native DIR    the same sources as Linux programs into DIR, with gcc
#
# The output is deterministic: the same tools give the same bytes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../test-modules/guests/include
servers=$here/../../test-modules/guests/servers
cd "$here"

CLANG=${CLANG:-clang}
SYSROOT=${WASI_SYSROOT:+--sysroot=$WASI_SYSROOT}
FLAGS="-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I. -I$include -I$servers"

# wasm NAME SOURCE [MORE...]
wasm() {
    name=$1
    shift
    echo "  $name.wasm"
    mkdir -p wasm
    # shellcheck disable=SC2086
    $CLANG --target=wasm32-wasi $SYSROOT -g0 $FLAGS -Wl,--strip-all -Wl,-z,stack-size=131072 "$@" \
        "$include/net.c" "$include/net-wasix.c" "$include/net-options-wasix.c" -o "wasm/$name.wasm"
    wasm-strip "wasm/$name.wasm"
    chmod 644 "wasm/$name.wasm"
}

# forking NAME SOURCE [MORE...]: a guest that forks, which needs binaryen's asyncify; compiled first, because clang runs
# a wasm-opt that it finds on the PATH by itself when it links with -O
forking() {
    name=$1
    shift
    echo "  $name.wasm"
    mkdir -p wasm
    objects=$(mktemp -d)
    for source in "$@" "$include/command.c" "$include/proc-wasix.c" "$include/net.c" "$include/net-wasix.c"; do
        # shellcheck disable=SC2086
        $CLANG --target=wasm32-wasi $SYSROOT -g0 $FLAGS -c "$source" -o "$objects/$(basename "$source").o"
    done
    # shellcheck disable=SC2086
    $CLANG --target=wasm32-wasi $SYSROOT -nostartfiles -Wl,--strip-all -Wl,-z,stack-size=131072 "$objects"/*.o -o "wasm/$name.wasm"
    rm -r "$objects"
    "${WASM_OPT:-/opt/binaryen/bin/wasm-opt}" --asyncify -O2 "wasm/$name.wasm" -o "wasm/$name.wasm"
    wasm-strip "wasm/$name.wasm"
    chmod 644 "wasm/$name.wasm"
}

# native NAME SOURCE [MORE...]
native() {
    name=$1
    shift
    # shellcheck disable=SC2086
    ${CC:-gcc} $FLAGS "$@" "$include/net.c" "$include/net-posix.c" "$include/net-options-posix.c" -o "$target/$name"
}

case "${1:-wasm}" in
    wasm)
        for name in $(ls ./*.c | sed 's|^\./||; s|\.c$||'); do
            case $name in
                processes) forking "$name" "$name.c" ;;
                *) wasm "$name" "$name.c" ;;
            esac
        done
        wasm kernels-simd kernels.c -msimd128
        echo "  threads.wasm"
        wat2wasm --enable-threads threads.wat -o wasm/threads.wasm
        ;;
    native)
        target=$2
        mkdir -p "$target"
        for name in $(ls ./*.c | sed 's|^\./||; s|\.c$||'); do
            case $name in
                processes) native "$name" "$name.c" "$include/proc-posix.c" ;;
                *) native "$name" "$name.c" ;;
            esac
        done
        native http-hello "$servers/http-hello.c" "$servers/http-files.c"
        ;;
    *)
        echo "usage: build.sh [native DIR]" >&2
        exit 2
        ;;
esac
