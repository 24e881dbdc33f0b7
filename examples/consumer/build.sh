#!/bin/sh
# Builds this project as a stranger would: outside of the tree, against the artifacts of a repository to which
# wasix4j was deployed, with a local repository of its own. Then it runs what was packed.
#   mvn -DskipTests -Dmaven.install.skip deploy -DaltDeploymentRepository=staged::file:///tmp/staged
#   examples/consumer/build.sh /tmp/staged [FOLDER]
# What the build of wasix4j has downloaded is not downloaded again.
set -eu

[ $# -ge 1 ] || {
    echo "usage: $0 STAGED-REPOSITORY [FOLDER]" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
staged=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
[ $# -ge 2 ] || trap 'rm -rf "$work"' EXIT
known=${HOME:-/nonexistent}/.m2/repository

rm -rf "$work/shop" "$work/m2/org/wasix4j"
mkdir -p "$work/m2"
cp -R "$here" "$work/shop"
mkdir -p "$work/shop/src/main/wasm"
cp "$here/../../test-modules/src/main/resources/wasm/http-hello.wasm" "$work/shop/src/main/wasm/server.wasm"

repositories() {
    for each in "staged $staged true" "known $known false"; do
        set -- $each
        [ -d "$2" ] || continue
        echo "<$kind><id>$1</id><url>file://$2</url><releases><enabled>true</enabled></releases>"
        echo "<snapshots><enabled>$3</enabled></snapshots></$kind>"
    done
}

{
    echo '<settings><profiles><profile><id>staged</id><repositories>'
    kind=repository repositories
    echo '</repositories><pluginRepositories>'
    kind=pluginRepository repositories
    echo '</pluginRepositories></profile></profiles>'
    echo '<activeProfiles><activeProfile>staged</activeProfile></activeProfiles></settings>'
} >"$work/settings.xml"

cd "$work/shop"
# as global settings: the user's own, with a mirror perhaps, hold too
mvn -B -ntp -gs "$work/settings.xml" -Dmaven.repo.local="$work/m2" package

java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
"$java" -jar target/server.jar --explain | grep -q -- '--net=loopback:\*/in' || {
    echo "the packed jar does not tell what it is" >&2
    exit 1
}
code=0
"$java" -jar target/server.jar -- not-a-port 2>/dev/null || code=$?
[ "$code" = 2 ] || {
    echo "the packed jar ended with $code, the guest's own code is 2" >&2
    exit 1
}
echo "a project outside of the tree was built and run against $staged"
