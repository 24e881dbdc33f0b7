#!/bin/sh
# Compiles the guests. Needs clang with the wasm32 target, lld, wasi-libc and wabt (Debian: clang lld wasi-libc wabt
# libclang-rt-dev-wasm32), and binaryen's wasm-opt for the guests that fork; for "native" and "transcripts" also gcc.
#
#   build.sh               every guest into src/main/resources/wasm
#   build.sh libraries     only the shared libraries and what opens them
#   build.sh native        the same sources as Linux programs into guests/build
#   build.sh transcripts   runs the native scenarios and writes what the WASIX builds are to answer
#
# The output is deterministic: the same tools give the same bytes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../src/main/resources/wasm
native=$here/build
cd "$here"

CLANG=${CLANG:-clang}
WASM_OPT=${WASM_OPT:-/opt/binaryen/bin/wasm-opt}
SYSROOT=${WASI_SYSROOT:+--sysroot=$WASI_SYSROOT} # a wasi-sdk, say; empty where clang knows the place
WARN="-Wall -Wextra -Werror"
TARGET="--target=wasm32-wasi $SYSROOT"
CFLAGS="-std=c11 -D_GNU_SOURCE -O2 -g0 $WARN -Iinclude"
LDFLAGS="-Wl,--strip-all -Wl,-z,stack-size=131072"
NET="include/net.c include/net-wasix.c include/net-options-wasix.c"
SIGNALLED="-nostartfiles include/command.c" # for guests with a signal handler
SCENARIO="$SIGNALLED include/scenario.c $NET"
WAITING="include/waiting-wasix.c $SCENARIO"
PROCESSES="-DPROC_CHECKPOINTS include/proc-wasix.c $SCENARIO"
THREADS="include/freestanding.c include/threads.c include/threads-entry.s"

# compile OUTPUT TARGET-FLAGS SOURCES-AND-FLAGS...: compiles, then links without -O. With -O in the linking command clang
# runs the wasm-opt that it finds on the PATH: the bytes would depend on it, and old ones refuse threads.
compile() {
    output=$1
    target=$2
    shift 2
    objects=
    compiling=
    assembling=
    linking=
    for argument in "$@"; do
        case $argument in
            *.c | *.s) ;;
            -m*)
                compiling="$compiling $argument"
                assembling="$assembling $argument"
                ;;
            -Wl,* | -nostdlib | -nostartfiles) linking="$linking $argument" ;;
            *) compiling="$compiling $argument" ;;
        esac
    done
    work=$(mktemp -d)
    for argument in "$@"; do
        case $argument in
            *.c | *.s)
                object=$work/$(echo "$argument" | tr / -).o
                flags=$compiling
                case $argument in *.s) flags=$assembling ;; esac
                # shellcheck disable=SC2086
                $CLANG $target $flags -c "$argument" -o "$object"
                objects="$objects $object"
                ;;
        esac
    done
    # shellcheck disable=SC2086
    $CLANG $target $objects $linking -o "$output"
    rm -r "$work"
}

# guest NAME SOURCE [MORE...]: a C guest on wasi-libc
guest() {
    name=$1
    shift
    echo "  $name.wasm"
    mkdir -p "$(dirname "$out/$name")"
    # shellcheck disable=SC2086
    compile "$out/$name.wasm" "$TARGET" $CFLAGS $LDFLAGS "$@"
    finish "$name"
}

# shared NAME SOURCE [FLAGS...]: no libc, imported shared memory whose data is passive
shared() {
    name=$1
    shift
    echo "  $name.wasm"
    mkdir -p "$(dirname "$out/$name")"
    # shellcheck disable=SC2086
    compile "$out/$name.wasm" --target=wasm32-unknown-unknown -std=c11 -O2 -g0 $WARN -Iinclude \
        -ffreestanding -fno-builtin -nostdlib -matomics -mbulk-memory \
        -Wl,--shared-memory -Wl,--import-memory -Wl,--max-memory=4294967296 -Wl,--strip-all \
        -Wl,-z,stack-size=65536 -Wl,--export=__heap_base -Wl,--export=__data_end "$@"
    finish "$name" --enable-threads
}

# forking NAME SOURCE [MORE...]: a C guest that can fork and jump, which needs binaryen's asyncify; WASM_OPT says where
# that is, and it must not be on the PATH, where clang finds it and runs it by itself
forking() {
    name=$1
    guest "$@"
    $WASM_OPT --asyncify -O2 "$out/$name.wasm" -o "$out/$name.wasm"
    finish "$name"
}

# first_generation NAME SOURCE [FLAGS...]: every import from wasix_32v1, as modules of 2022-10 to 2023-05 have it
first_generation() {
    shared "$@" -DWASIX_FIRST_GENERATION
}

# text NAME SOURCE [FEATURES...]: a guest in the text format
text() {
    name=$1
    source=$2
    shift 2
    echo "  $name.wasm"
    mkdir -p "$(dirname "$out/$name")"
    wat2wasm "$@" "$source" -o "$out/$name.wasm"
    finish "$name" "$@"
}

# exnref NAME SOURCE: a guest in the text format with exceptions by reference, which wabt 1.0.32 does not know. Needs
# binaryen 119 or newer: WASM_OPT names its wasm-opt. Without it the committed binary stays
exnref() {
    name=$1
    if [ -z "${WASM_OPT:-}" ]; then
        echo "  $name.wasm is left as it is: WASM_OPT is not set"
        return
    fi
    echo "  $name.wasm"
    "$WASM_OPT" --quiet --enable-exception-handling --enable-reference-types --enable-multivalue --enable-bulk-memory \
        "$2" -o "$out/$name.wasm"
    chmod 644 "$out/$name.wasm"
}

# Shared libraries and the programs that open them need a clang and a wasm-ld of version 16 or newer (that of Zig 0.16
# is one: clang 22): PIC_CLANG and PIC_LD name them. Without them the committed binaries stay.
PIC_CFLAGS="--target=wasm32-unknown-unknown -std=c11 -O2 -g0 $WARN -Wno-missing-prototypes -Iinclude -Ilibraries
    -ffreestanding -fno-builtin -nostdlib -matomics -mbulk-memory -mmutable-globals -mno-call-indirect-overlong
    -mno-reference-types"
PIC_LDFLAGS="--shared-memory --extra-features=atomics,bulk-memory,mutable-globals --max-memory=4294967296 --strip-all -z stack-size=65536"

# pic_objects FLAGS SOURCES-AND-FLAGS...: compiles into the folder $work, sets $objects
pic_objects() {
    flags=$1
    shift
    objects=
    defines=
    for argument in "$@"; do
        case $argument in
            *.c | *.s | *.S) ;;
            *) defines="$defines $argument" ;;
        esac
    done
    for argument in "$@"; do
        object=$work/$(echo "$argument" | tr / -).o
        case $argument in
            *.c)
                # shellcheck disable=SC2086
                $PIC_CLANG $PIC_CFLAGS $flags $defines -c "$argument" -o "$object"
                objects="$objects $object"
                ;;
            *.s | *.S)
                # shellcheck disable=SC2086
                $PIC_CLANG --target=wasm32-unknown-unknown -matomics -mexception-handling $assembling \
                    -c "$argument" -o "$object"
                objects="$objects $object"
                ;;
        esac
    done
}

# stand_ins NEEDED: libraries can need each other; for those that are not there yet empty ones stand in
stand_ins() {
    for each in $1; do
        echo "" | $PIC_CLANG --target=wasm32-unknown-unknown -matomics -mbulk-memory -fPIC -x c -c - -o "$work/empty.o"
        $PIC_LD --experimental-pic -shared --shared-memory -o "$work/$each" "$work/empty.o"
        objects="$objects $work/$each"
    done
}

# library NAME NEEDED SOURCE...: a shared library, which needs those of the list
library() {
    name=$1
    needed=$2
    shift 2
    assembling=
    echo "  $name.so"
    work=$(mktemp -d)
    pic_objects "-fPIC -fvisibility=default" "$@"
    stand_ins "$needed"
    (
        cd "$work"
        # shellcheck disable=SC2086
        $PIC_LD --experimental-pic -shared --unresolved-symbols=import-dynamic $PIC_LDFLAGS $objects \
            --export-if-defined=__wasm_apply_data_relocs --export-if-defined=__wasm_call_ctors \
            --export-if-defined=__wasm_init_tls -o library.so
    )
    mkdir -p "$(dirname "$out/$name")"
    cp "$work/library.so" "$out/$name.so"
    chmod 644 "$out/$name.so"
    rm -r "$work"
}

# opener NAME SOURCE...: a program that opens libraries, linked as such, with a table that it exports; and another
# one of the same source that is position-independent
opener() {
    name=$1
    shift
    assembling=-DDEFINES_TAGS
    echo "  $name.wasm $name-pie.wasm"
    mkdir -p "$(dirname "$out/$name")"
    work=$(mktemp -d)
    pic_objects "" "$@"
    # shellcheck disable=SC2086
    $PIC_LD $PIC_LDFLAGS --import-memory --export-table --growable-table --export-all $objects -o "$out/$name.wasm"
    assembling=
    pic_objects "-fPIC" "$@"
    # shellcheck disable=SC2086
    $PIC_LD --experimental-pic -pie $PIC_LDFLAGS --import-memory --export-all --unresolved-symbols=import-dynamic \
        $objects -o "$out/$name-pie.wasm"
    chmod 644 "$out/$name.wasm" "$out/$name-pie.wasm"
    rm -r "$work"
}

# needing NAME NEEDED FLAGS SOURCE...: a position-independent program that is linked with the libraries of a list
needing() {
    name=$1
    needed=$2
    shift 2
    assembling=
    echo "  $name.wasm"
    work=$(mktemp -d)
    pic_objects "-fPIC" "$@"
    stand_ins "$needed"
    (
        cd "$work"
        # shellcheck disable=SC2086
        $PIC_LD --experimental-pic -pie $PIC_LDFLAGS --import-memory --export-all --unresolved-symbols=import-dynamic \
            --export-if-defined=__wasm_apply_data_relocs $objects -o program.wasm
    )
    cp "$work/program.wasm" "$out/$name.wasm"
    chmod 644 "$out/$name.wasm"
    rm -r "$work"
}

# forking_opener NAME SOURCE...: a program with a table that it exports, which can fork
# forking_shared NAME SOURCE [MORE...]: a guest with threads that can fork
forking_shared() {
    name=$1
    shared "$@"
    $WASM_OPT --asyncify -O2 --enable-threads --enable-bulk-memory --enable-mutable-globals "$out/$name.wasm" \
        -o "$out/$name.wasm"
    finish "$name" --enable-threads
}

forking_opener() {
    name=$1
    shift
    echo "  $name.wasm"
    work=$(mktemp -d)
    pic_objects "" "$@"
    # shellcheck disable=SC2086
    $PIC_LD $PIC_LDFLAGS --import-memory --export-table --growable-table --export-all $objects -o "$work/program.wasm"
    $WASM_OPT --asyncify -O2 --enable-threads --enable-bulk-memory --enable-mutable-globals "$work/program.wasm" \
        -o "$out/$name.wasm"
    chmod 644 "$out/$name.wasm"
    rm -r "$work"
}

build_libraries() {
    if [ -z "${PIC_CLANG:-}" ]; then
        echo "  libraries are left as they are: PIC_CLANG is not set"
        return
    fi
    library libraries/libfirst "libsecond.so" libraries/first.c
    library libraries/libsecond "libfirst.so" libraries/second.c
    library libraries/liblonely "" libraries/lonely.c
    library libraries/libblind "" libraries/blind.c
    library libraries/libthrow "" libraries/throw.s
    library libraries/libnested "" libraries/nested.c
    library libraries/libagain "" libraries/again.c
    library libraries/libinner "" libraries/inner.c
    library libraries/libslow "" libraries/slow.c
    library libraries/libbusy "" libraries/busy.c
    # with thread-locals that other modules could have: LLVM reaches them that way for one system only
    GLOBAL_LOCALS="--target=wasm32-unknown-emscripten -ftls-model=global-dynamic"
    # shellcheck disable=SC2086
    library libraries/libtyped "" libraries/typed.c -msimd128 $GLOBAL_LOCALS
    # shellcheck disable=SC2086
    library libraries/libborrow "" libraries/borrow.c $GLOBAL_LOCALS
    OPENING="libraries/dl-wasix.c include/freestanding.c"
    # shellcheck disable=SC2086
    {
        opener libraries/open libraries/open.c $OPENING
        opener libraries/functions libraries/functions.c $OPENING
        opener libraries/exceptions libraries/exceptions.c libraries/catch.S $OPENING
        opener libraries/threads libraries/threads.c $OPENING include/threads.c include/threads-entry.s \
            -DTHREAD_FORM=THREAD_WASI
        opener libraries/together libraries/together.c libraries/together-wasix.c $OPENING include/threads.c \
            include/threads-entry.s -DTHREAD_FORM=THREAD_WASI
        opener libraries/tries libraries/tries.c $OPENING
        needing libraries/needs "libtyped.so liblonely.so" libraries/needs.c $OPENING -msimd128 \
            $GLOBAL_LOCALS
        opener libraries/contexts libraries/contexts.c $OPENING
        forking_opener libraries/forks libraries/forks.c $OPENING
    }
}

# Drops what names tools and checks the result.
finish() {
    name=$1
    shift
    wasm-strip "$out/$name.wasm"
    chmod 644 "$out/$name.wasm"
    wasm-validate "$@" "$out/$name.wasm"
}

# native_guest NAME SOURCE [MORE...]
native_guest() {
    name=$1
    shift
    echo "  build/$name"
    # shellcheck disable=SC2086
    ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O1 -g $WARN -Iinclude "$@" include/net.c include/net-posix.c \
        include/net-options-posix.c -o "$native/$name"
}

build_wasm() {
    # shellcheck disable=SC2086
    {
        guest echo-server servers/echo-server.c $NET
        guest http-hello servers/http-hello.c servers/http-files.c $NET
        guest http-get clients/http-get.c $NET
        guest udp-unix-echo servers/udp-unix-echo.c $NET
        guest upgrade-echo servers/upgrade-echo.c $NET
        guest preopened-echo servers/preopened-echo.c
        guest wasip1/echo-server servers/echo-server.c $NET include/wasip1-sockets.c
        guest sock-states sockets/sock-states.c $SCENARIO
        guest sockets/datagrams sockets/datagrams.c $WAITING
        guest sockets/unix sockets/unix.c include/folder.c $WAITING
        guest sockets/unix-datagrams sockets/unix-datagrams.c include/folder.c $WAITING
        guest waiting/polls waiting/polls.c $WAITING
        guest waiting/epolls waiting/epolls.c $WAITING
        guest processes/contexts processes/contexts.c
        forking processes/forks processes/forks.c $PROCESSES
        forking processes/hostile processes/hostile.c $SIGNALLED include/proc-wasix.c
        guest processes/older-calls processes/older-calls.c $SIGNALLED include/proc-wasix.c
        forking processes/prefork processes/prefork.c $SIGNALLED include/proc-wasix.c $NET
        forking processes/programs processes/programs.c $PROCESSES
        forking processes/programs-strings processes/programs.c $PROCESSES -DPROC_STRINGS
        forking processes/shared processes/shared.c $PROCESSES include/waiting-wasix.c
        forking_shared processes/races processes/races.c $THREADS -DTHREAD_FORM=THREAD_WASI
        guest system/start system/start.c
        guest system/trap system/trap.c
        guest system/poll-clock system/poll-clock.c $NET
        guest system/block system/block.c $NET
        guest system/files system/files.c $NET
        guest files/file-scenarios files/file-scenarios.c -Wno-unused-result
        guest files/stdout-file files/stdout-file.c
        guest files/devices files/devices.c -Wno-unused-result
        guest files/fill files/fill.c
        guest files/devices-wasix files/devices.c -Wno-unused-result -DWASIX
        first_generation first-generation/echo-server first-generation/echo-server.c
        first_generation first-generation/echo-server-filetypes first-generation/echo-server.c -DSTREAM_TYPE=6
        for name in echo-server epoll-server waker alarm cancel ends; do
            shared threads/$name threads/$name.c $THREADS -DTHREAD_FORM=THREAD_WASI
        done
        for name in echo-server waker alarm cancel ends; do
            first_generation first-generation/threads/$name threads/$name.c $THREADS -DTHREAD_FORM=THREAD_USER_DATA
        done
        shared system/signals system/signals.c include/freestanding.c
        MANY="threads/lifecycle.c $THREADS -DTHREADS=1024 -DTHREAD_STACK=4096"
        shared threads/lifecycle $MANY -DTHREAD_FORM=THREAD_WASI
        shared threads/lifecycle-v2 $MANY -DTHREAD_FORM=THREAD_V2
        first_generation first-generation/threads/lifecycle $MANY -DTHREAD_FORM=THREAD_USER_DATA
        first_generation first-generation/threads/lifecycle-record $MANY -DTHREAD_FORM=THREAD_RECORD
        text first-generation/unstable-hello first-generation/unstable-hello.wat
        text first-generation/preopens first-generation/preopens.wat
        text system/exit-return system/exit-return.wat
        text processes/no-asyncify processes/no-asyncify.wat
        text system/exit-proc-exit system/exit-proc-exit.wat
        text system/exit-proc-exit2 system/exit-proc-exit2.wat
        text system/exit-nested system/exit-nested.wat
        text system/go-registers system/go-registers.wat
        text system/no-handler system/no-handler.wat
        text system/full-stack system/full-stack.wat
        text processes/liar processes/liar.wat
        text system/instructions system/instructions.wat
        text system/numbers system/numbers.wat
        text system/loops system/loops.wat
        text system/short-loops system/short-loops.wat
        text system/tail-calls system/tail-calls.wat --enable-tail-call --enable-exceptions
        text system/endless system/endless.wat
        text system/tables system/tables.wat
        text threads/tables threads/tables.wat --enable-threads
        text libraries/entries libraries/entries.wat --enable-threads
        exnref system/exceptions system/exceptions.wat
        build_libraries
    }
}

# The list of what there is, for the catalogue (a folder inside a jar cannot be listed).
build_index() {
    (cd "$out" && find . -name '*.wasm' | sed 's|^\./||; s|\.wasm$||' | LC_ALL=C sort >modules.txt)
}

build_native() {
    mkdir -p "$native"
    native_guest echo-server servers/echo-server.c
    native_guest http-hello servers/http-hello.c servers/http-files.c
    native_guest http-get clients/http-get.c
    native_guest sock-states sockets/sock-states.c include/scenario.c
    native_guest datagrams sockets/datagrams.c include/scenario.c include/waiting-posix.c
    native_guest unix sockets/unix.c include/folder.c include/scenario.c include/waiting-posix.c
    native_guest unix-datagrams sockets/unix-datagrams.c include/folder.c include/scenario.c include/waiting-posix.c
    native_guest polls waiting/polls.c include/scenario.c include/waiting-posix.c
    native_guest epolls waiting/epolls.c include/scenario.c include/waiting-posix.c
    native_guest file-scenarios files/file-scenarios.c -Wno-unused-result
    native_guest stdout-file files/stdout-file.c
    native_guest forks processes/forks.c include/scenario.c include/proc-posix.c
    native_guest prefork processes/prefork.c include/proc-posix.c
    native_guest programs processes/programs.c include/scenario.c include/proc-posix.c
    native_guest programs-strings processes/programs.c include/scenario.c include/proc-posix.c -DPROC_STRINGS
    native_guest shared processes/shared.c include/scenario.c include/proc-posix.c include/waiting-posix.c
    native_guest devices files/devices.c -Wno-unused-result
    native_guest start system/start.c
}

# native_library NAME NEEDED SOURCE: a shared library of Linux, which needs that of another name
native_library() {
    mkdir -p "$native/libraries"
    work=$(mktemp -d)
    ${CC:-gcc} -shared -o "$work/$2" -x c /dev/null
    (cd "$work" && ${CC:-gcc} -std=c11 -O1 -g -fPIC -shared -I"$here/libraries" "$here/$3" -Wl,--no-as-needed "$2" -o "$1")
    cp "$work/$1" "$native/libraries/$1"
    rm -r "$work"
}

build_native_libraries() {
    native_library libfirst.so libsecond.so libraries/first.c
    native_library libsecond.so libfirst.so libraries/second.c
    native_library liblonely.so libc.so.6 libraries/lonely.c
    native_library libblind.so libc.so.6 libraries/blind.c
    native_library libborrow.so libc.so.6 libraries/borrow.c
    native_library libtyped.so libc.so.6 libraries/typed.c
    for each in again inner slow busy; do
        native_library "lib$each.so" libc.so.6 "libraries/$each.c"
    done
    ${CC:-gcc} -std=c11 -O1 -g -rdynamic libraries/open.c libraries/dl-posix.c -o "$native/open"
    ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O1 -g -rdynamic -pthread libraries/together.c libraries/together-posix.c \
        libraries/dl-posix.c -o "$native/together"
    ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O1 -g -rdynamic libraries/needs.c libraries/dl-posix.c -L"$native/libraries" \
        -Wl,--unresolved-symbols=ignore-in-shared-libs -Wl,--no-as-needed -l:libtyped.so -l:liblonely.so -o "$native/needs"
}

# transcript PROGRAM DEVIATIONS EXPECTED [ARGS...]: what the Linux build answers, with the decided deviations, is what
# the WASIX build is to answer. The program runs in an empty folder.
transcript() {
    program=$1
    deviations=$2
    expected=$3
    shift 3
    echo "  $expected"
    rm -rf "$native/empty"
    mkdir "$native/empty"
    (cd "$native/empty" && "$native/$program" "$@" </dev/null) >"$native/$program.linux"
    rm -rf "$native/empty"
    awk -f sockets/expect.awk "$deviations" "$native/$program.linux" >"$native/$program.expected"
    cp "$native/$program.expected" "$out/$expected"
}

build_transcripts() {
    build_native
    build_native_libraries
    LD_LIBRARY_PATH=$native/libraries "$native/open" >"$out/libraries/open.expected"
    LD_LIBRARY_PATH=$native/libraries "$native/needs" >"$out/libraries/needs.expected"
    LD_LIBRARY_PATH=$native/libraries "$native/together" >"$out/libraries/together.expected"
    transcript file-scenarios /dev/null files/file-scenarios.expected
    "$native/devices" </dev/null | cat >"$out/files/devices.expected"
    "$native/devices" close </dev/null | cat >"$out/files/devices-wasix.expected"
    "$native/stdout-file" >"$out/files/stdout-file.content" 2>"$out/files/stdout-file.expected"
    transcript unix sockets/unix.deviations sockets/unix.expected
    transcript unix-datagrams sockets/unix-datagrams.deviations sockets/unix-datagrams.expected
    # in memory the host has read nothing ahead of the guest
    grep -v '^stream ends, recv is told' sockets/unix.deviations >"$native/unix-memory.deviations"
    transcript unix "$native/unix-memory.deviations" sockets/unix-memory.expected
    transcript polls waiting/polls.deviations waiting/polls.expected
    transcript epolls waiting/epolls.deviations waiting/epolls.expected
    transcript forks /dev/null processes/forks.expected
    transcript programs /dev/null processes/programs.expected
    transcript programs-strings /dev/null processes/programs-strings.expected
    transcript shared /dev/null processes/shared.expected
    for family in 4 6; do
        transcript sock-states sockets/sock-states.deviations sock-states-$family.expected "$family"
        transcript datagrams sockets/datagrams.deviations sockets/datagrams-$family.expected "$family"
    done
}

case "${1:-wasm}" in
    libraries)
        build_libraries
        build_index
        ;;
    wasm)
        build_wasm
        build_index
        ;;
    native)
        build_native
        build_native_libraries
        ;;
    transcripts) build_transcripts ;;
    *)
        echo "usage: build.sh [libraries|native|transcripts]" >&2
        exit 2
        ;;
esac
