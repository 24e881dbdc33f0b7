#!/bin/sh
# Measures guests under wasix-run against the same C programs native and against plain Java NIO, each figure in turn in one
# go, and writes docs/PERFORMANCE.md with docs/performance.svg and docs/curves.svg.
#
#   run.sh [--quick] [--peers] [--out DIR] [NAME...]
#
# --quick is a shorter run (some 4 minutes against 20). With --quick or with names (echo, http-epoll, http-poll, http-poll-loops, bulk,
# accepts, udp, files, kv, waits, calls, jmh, compute, kernels, large-function, libraries, processes, start, memory,
# curves) the page goes to benchmarks/target/run instead. The name "curves" alone (some 5 minutes) writes the page's
# growth curves and leaves its figures; --quick leaves the curves out, unless they are named.
#
# --peers compares with other runtimes too, where the machine has them: servers with Wasmer, kernels with Wasmer,
# wasmtime, wazero and Node. The page says which were there.
#
#   JAVA_HOME          the JDK that is measured; else the java of PATH
#   BENCH_JAVA_HOMES   more JDKs for the figures about starts, colons between; else those of /usr/lib/jvm with 17 or 25
#   WASMER, WASMTIME, WAZERO, NODE   the programs that --peers runs; else those of the PATH
#
# Needs Linux, gcc and Maven. The machine should have nothing else to do.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")
work=$here/target/run

fail() {
    echo "benchmarks: $*" >&2
    exit 1
}

case "${1:-}" in
    -h | --help)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
        exit
        ;;
esac
[ "$(uname -s)" = Linux ] || fail "they run on Linux only"
for tool in gcc mvn java; do
    command -v $tool >/dev/null || fail "PATH has no $tool"
done
if [ -z "${JAVA_HOME:-}" ]; then
    JAVA_HOME=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')
fi
[ -x "$JAVA_HOME/bin/javac" ] || fail "$JAVA_HOME is no JDK"
export JAVA_HOME
if [ -z "${BENCH_JAVA_HOMES+set}" ]; then
    BENCH_JAVA_HOMES=
    seen=" $(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$JAVA_HOME/release") "
    for home in /usr/lib/jvm/*; do
        [ -r "$home/release" ] && [ -x "$home/bin/java" ] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
        case $seen in *" $version "*) continue ;; esac
        case $version in
            17 | 25)
                BENCH_JAVA_HOMES=$BENCH_JAVA_HOMES:$home
                seen="$seen$version "
                ;;
        esac
    done
fi
export BENCH_JAVA_HOMES

echo "benchmarks: building" >&2
mkdir -p "$work/native"
(cd "$root" && mvn -q -B -Pbenchmarks -pl benchmarks,dist -am package -Dmaven.test.skip=true -Dspotless.check.skip=true) ||
    fail "the build failed"
# what is measured is what one installs
installed=$work/installed
rm -rf "$installed"
mkdir -p "$installed"
tar -xzf "$root"/dist/target/wasix4j-*.tar.gz --strip-components=1 -C "$installed"
"$installed/bin/wasix-run" prepare >&2
"$installed/bin/wasix-run" --version >&2
"$here/guests/build.sh" native "$work/native"
gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra "$here/load/load.c" -o "$work/native/load"

# 10,000 connections and their other ends
ulimit -n "$(ulimit -H -n)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt 11000 ]; then
    echo "benchmarks: only $(ulimit -n) descriptors, the figures with 10,000 sockets will fail" >&2
fi

exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -cp "$here/target/classes:$(cat "$here/target/class-path")" \
    org.wasix4j.benchmarks.Main "$root" "$work" "$@"
