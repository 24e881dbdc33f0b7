#!/bin/sh
# Sets the version of all artifacts; for a release also in the documents, and the time of the build, which is in the
# jars, to the begin of this day.
#   dist/version.sh X.Y.Z | X.Y.Z-SNAPSHOT
set -eu
case ${1:-} in
    [0-9]*.[0-9]*.[0-9]*) new=$1 ;;
    *)
        echo "usage: $0 X.Y.Z[-SNAPSHOT]" >&2
        exit 2
        ;;
esac
cd "$(dirname "$0")/.."
old=$(sed -n 's#^  <version>\(.*\)</version>#\1#p' pom.xml)
quoted=$(echo "$old" | sed 's/[.]/[.]/g')

# the version that comes behind the group, in a project, its parent, or a dependency
replace() {
    sed "/<groupId>org.wasix4j</,/<.version>/s#<version>$quoted<#<version>$new<#
         s#<wasix4j.version>$quoted<#<wasix4j.version>$new<#
         s#\(org.wasix4j:[a-z-]*:\)$quoted#\1$new#
         s#wasix4j-$quoted/#wasix4j-$new/#" "$1" >"$1.new"
    cat "$1.new" >"$1"
    rm "$1.new"
}

git ls-files '*pom.xml' | while read -r pom; do replace "$pom"; done
case $new in
    *-SNAPSHOT) ;;
    *)
        for document in README.md docs/EMBEDDING.md; do replace "$document"; done
        for pom in pom.xml bom/pom.xml; do
            sed "s#<\(project.build.outputTimestamp\)>.*<#<\1>$(date -u +%Y-%m-%d)T00:00:00Z<#" "$pom" >"$pom.new"
            cat "$pom.new" >"$pom"
            rm "$pom.new"
        done
        ;;
esac
echo "$old is $new now:"
git diff --stat
