#!/bin/sh
# Builds the committed state twice, in clones in folders of different names, and compares what is published: jars,
# archives, POMs. Some minutes; more words go to Maven, as -o.
#   dist/reproducible.sh [MAVEN-ARGUMENTS]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

for each in first "second one"; do
    git clone -q "$top" "$work/$each"
    (
        cd "$work/$each"
        [ "$each" = first ] || export TZ=Asia/Tokyo
        mvn -B -ntp -q -Prelease -DskipTests -Dspotless.check.skip "$@" package
        find . -path '*/target/*' \( -name 'wasix*.jar' -o -name 'wasix4j-*.zip' -o -name 'wasix4j-*.tar.gz' \) \
            ! -path '*/target/lib/*' | sort | xargs sha256sum
    ) >"$work/$each.sums"
done
count=$(wc -l <"$work/first.sums")
[ "$count" -gt 10 ] || {
    echo "there are only $count artifacts" >&2
    exit 1
}
diff "$work/first.sums" "$work/second one.sums" || {
    echo "the two builds differ" >&2
    exit 1
}
echo "$count artifacts are the same, bit for bit, in both builds"
