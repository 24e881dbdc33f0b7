#!/bin/sh
# Compiles the guests of the benchmarks. Needs what test-modules/guests/build.sh needs.
#
#   build.sh               every guest into guests/wasm, which is what is run
#   build.sh libraries     only the shared libraries and what opens them
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

# As today's compilers have it by themselves; the libc's own copies are in libc/copies.c. With these instructions clang
# 14 wants errno to be a thread-local, which it is not in this libc.
BULK="-mbulk-memory -D_Thread_local= libc/copies.c"

# wasm NAME SOURCE [MORE...]
wasm() {
    name=$1
    shift
    echo "  $name.wasm"
    mkdir -p wasm
    # shellcheck disable=SC2086
    $CLANG --target=wasm32-wasi $SYSROOT -g0 $FLAGS $BULK -Wl,--strip-all -Wl,-z,stack-size=131072 "$@" \
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

# crowd: a guest with threads that forks, without a libc
crowd() {
    echo "  crowd.wasm"
    # shellcheck disable=SC2086
    $CLANG --target=wasm32-unknown-unknown $FLAGS -g0 -ffreestanding -fno-builtin -nostdlib -matomics -mbulk-memory \
        -DTHREAD_FORM=THREAD_WASI -c crowd.c "$include/freestanding.c" "$include/threads.c" "$include/threads-entry.s"
    $CLANG --target=wasm32-unknown-unknown -nostdlib -Wl,--shared-memory -Wl,--import-memory -Wl,--strip-all \
        -Wl,--max-memory=4294967296 -Wl,-z,stack-size=65536 -Wl,--export=__heap_base -Wl,--export=__data_end \
        crowd.o freestanding.o threads.o threads-entry.o -o wasm/crowd.wasm
    rm crowd.o freestanding.o threads.o threads-entry.o
    "${WASM_OPT:-/opt/binaryen/bin/wasm-opt}" --asyncify -O2 --enable-threads --enable-bulk-memory \
        --enable-mutable-globals wasm/crowd.wasm -o wasm/crowd.wasm
    wasm-strip wasm/crowd.wasm
    chmod 644 wasm/crowd.wasm
}

# native NAME SOURCE [MORE...]
native() {
    name=$1
    shift
    # shellcheck disable=SC2086
    ${CC:-gcc} $FLAGS "$@" "$include/net.c" "$include/net-posix.c" "$include/net-options-posix.c" -o "$target/$name"
}

# shared NAME FLAGS SOURCE...: a shared library, or a program that opens some; see test-modules/guests/build.sh for
# PIC_CLANG and PIC_LD. Without them the committed binaries stay
shared() {
    name=$1
    linking=$2
    shift 2
    if [ -z "${PIC_CLANG:-}" ]; then
        echo "  $name is left as it is: PIC_CLANG is not set"
        return
    fi
    echo "  $name"
    work=$(mktemp -d)
    for source in "$@"; do
        $PIC_CLANG --target=wasm32-unknown-unknown -std=c11 -O2 -g0 -Wall -Wextra -Werror -Wno-missing-prototypes \
            -I"$include" -I"$include/../libraries" -Ilibraries -ffreestanding -fno-builtin -nostdlib -matomics \
            -mbulk-memory -mmutable-globals -mno-call-indirect-overlong -mno-reference-types -fPIC \
            -fvisibility=default -c "$source" -o "$work/$(basename "$source").o"
    done
    # shellcheck disable=SC2086
    $PIC_LD --experimental-pic $linking --unresolved-symbols=import-dynamic --shared-memory --strip-all \
        --extra-features=atomics,bulk-memory,mutable-globals --max-memory=4294967296 -z stack-size=65536 \
        --export-if-defined=__wasm_apply_data_relocs --export-if-defined=__wasm_call_ctors "$work"/*.o -o "wasm/$name"
    chmod 644 "wasm/$name"
    rm -r "$work"
}

libraries() {
    shared libnear.so -shared libraries/near.c
    shared libfar.so -shared libraries/far.c
    shared crossings.wasm "-pie --import-memory --export-all" libraries/crossings.c "$include/../libraries/dl-wasix.c" \
        "$include/freestanding.c"
}

case "${1:-wasm}" in
    libraries) libraries ;;
    wasm)
        for name in $(ls ./*.c | sed 's|^\./||; s|\.c$||'); do
            case $name in
                processes) forking "$name" "$name.c" ;;
                crowd) crowd ;;
                *) wasm "$name" "$name.c" ;;
            esac
        done
        wasm http-hello "$servers/http-hello.c" "$servers/http-files.c"
        wasm kernels-simd kernels.c -msimd128
        wasm interpreter-whole interpreter.c -DWHOLE
        echo "  threads.wasm"
        wat2wasm --enable-threads threads.wat -o wasm/threads.wasm
        libraries
        ;;
    native)
        target=$2
        mkdir -p "$target"
        for name in $(ls ./*.c | sed 's|^\./||; s|\.c$||'); do
            case $name in
                processes) native "$name" "$name.c" "$include/proc-posix.c" ;;
                crowd) ;;
                *) native "$name" "$name.c" ;;
            esac
        done
        native interpreter-whole interpreter.c -DWHOLE
        native http-hello "$servers/http-hello.c" "$servers/http-files.c"
        ;;
    *)
        echo "usage: build.sh [libraries | native DIR]" >&2
        exit 2
        ;;
esac
