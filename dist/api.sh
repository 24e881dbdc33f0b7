#!/bin/sh
# Compares the API with that of the last release, the last tag vX.Y.Z that leads to this commit, which is built for it.
# Fails on a break that the version number does not allow: with the same major number, or before 1.0 with the same minor
# number. Without a release there is nothing to compare. The reports are in target/japicmp of each module.
#   dist/api.sh [MAVEN-ARGUMENTS]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null) || {
    echo "there is no release yet: nothing to compare"
    exit 0
}
modules=wasix-host,runtime,integrations/http,integrations/junit,integrations/micrometer,integrations/spring
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q -c advice.detachedHead=false --branch "$tag" "$top" "$work/old"
(cd "$work/old" && mvn -B -ntp -q -DskipTests -Dspotless.check.skip -pl "$modules" -am "$@" package)

# the part of a version that allows a break when it differs
series() {
    case $1 in
        0.*) echo "$1" | cut -d. -f1,2 ;;
        *) echo "$1" | cut -d. -f1 ;;
    esac
}
old=${tag#v}
new=$(sed -n 's#^  <version>\(.*\)</version>#\1#p' pom.xml)
new=${new%-SNAPSHOT}
stable=false
[ "$(series "$old")" = "$(series "$new")" ] && stable=true

mkdir "$work/jars"
for jar in "$work"/old/wasix-host/target/wasix-*.jar "$work"/old/runtime/target/wasix-*.jar \
    "$work"/old/integrations/*/target/wasix-*.jar; do
    case $jar in *-"$old".jar) cp "$jar" "$work/jars/$(basename "$jar" "-$old.jar").jar" ;; esac
done
[ -n "$(ls "$work/jars")" ] || {
    echo "the release $tag has no jars of version $old" >&2
    exit 1
}
mvn -B -ntp -DskipTests -Dspotless.check.skip -pl "$modules" -am -Dapi.baseline="$old" -Dapi.jars="$work/jars" \
    -Dapi.stable=$stable "$@" verify
if [ $stable = true ]; then
    echo "the API of $new is compatible with that of $old"
else
    echo "$new may break the API of $old: see target/japicmp of each module for what is new and what is gone"
fi
