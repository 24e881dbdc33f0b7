#!/bin/sh
# Makes an image from nothing: a packed server with its own JVM, and the few libraries of this machine that a JVM and
# a shell need. No registry is asked. Needs buildah (or podman's), a JDK with jlink, ldd.
#   deploy/rootfs.sh NAME MODULE [OPTIONS FOR wasix-run pack...] [-- ARGS...]
# The image is NAME; it runs as 65532 on a read-only root:
#   podman run --rm --read-only --tmpfs /tmp -p 8080:8080 NAME
set -eu
name=$1
module=$2
shift 2
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
run=${WASIX_RUN:-$root/wasix-run}
command -v buildah >/dev/null || { echo "rootfs.sh: needs buildah" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree/app" "$tree/tmp" "$tree/bin" "$tree/etc" "$tree/proc" "$tree/dev"

# options for pack, up to "--", then the guest's arguments
options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options="$options $1"
    shift
done
[ $# -eq 0 ] || shift
"$run" pack --runtime --name server -o "$tree/app" $options "$module" -- "$@"

cp "$(command -v dash || command -v sh)" "$tree/bin/sh"
for program in readlink uname; do cp "$(command -v $program)" "$tree/bin/"; done
# every library that one of these files asks for, where it asks for it
for file in "$tree"/bin/* "$tree"/app/runtime/bin/java "$tree"/app/runtime/lib/*.so "$tree"/app/runtime/lib/server/*.so; do
    ldd "$file" 2>/dev/null | awk '/=> \//{print $3} /^\t\//{print $1}'
done | sort -u | while read -r library; do
    case $library in "$tree"/*) continue ;; esac
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
done
printf 'server:x:65532:65532::/tmp:/bin/sh\n' >"$tree/etc/passwd"
printf 'server:x:65532:\n' >"$tree/etc/group"
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"
chmod 1777 "$tree/tmp"

container=$(buildah from scratch)
buildah copy --chown 0:0 "$container" "$tree" / >/dev/null
buildah config --user 65532:65532 --env HOME=/tmp --env PATH=/bin --stop-signal SIGTERM \
    --entrypoint '["/app/bin/server"]' "$container"
buildah commit --quiet --rm "$container" "$name"
echo "made image $name" >&2
