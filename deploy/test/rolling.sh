#!/bin/sh
# Three replicas in network namespaces behind HAProxy, under keep-alive load: each is restarted in turn, then one is
# killed, then one is replaced by another build. Figures go to standard output; it ends with 1 when a restart lost a
# request. Not a part of the build: it needs root (ip netns), iproute2, haproxy, python3, curl and Java 17.
#
#   WASIX_RUN=path/of/bin/wasix-run deploy/test/rolling.sh
#   OTHER_RUN=path/of/bin/wasix-run   another version, for the mixed part (without it that part is left out)
#   REQUESTS=100000                   how many there are at least in the rolling part
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
run=${WASIX_RUN:-$root/wasix-run}
other=${OTHER_RUN:-}
requests=${REQUESTS:-100000}
module=$root/test-modules/src/main/resources/wasm/http-hello.wasm
connections=16

for tool in ip haproxy python3 curl; do
    command -v $tool >/dev/null || { echo "rolling.sh: this test lacks $tool" >&2; exit 2; }
done
ip netns add wxprobe 2>/dev/null && ip netns del wxprobe || {
    echo "rolling.sh: network namespaces need root" >&2
    exit 2
}

work=$(mktemp -d)
front=10.77.0.1
pids=
finish() {
    touch "$work/stop"
    for file in "$work"/*.pid; do
        [ ! -r "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null || true
    done
    for name in wxlb wx1 wx2 wx3; do ip netns del $name 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# ---- the network: a bridge in the balancer's namespace, a cable to each replica
ip netns add wxlb
ip -n wxlb link set lo up
ip -n wxlb link add br0 type bridge
ip -n wxlb addr add $front/24 dev br0
ip -n wxlb link set br0 up
for n in 1 2 3; do
    ip netns add wx$n
    ip -n wx$n link set lo up
    ip link add wxv$n netns wxlb type veth peer name eth0 netns wx$n
    ip -n wxlb link set wxv$n master br0 up
    ip -n wx$n addr add 10.77.0.1$n/24 dev eth0
    ip -n wx$n link set eth0 up
done

in_lb() {
    ip netns exec wxlb "$@"
}

# start N COMMAND: a replica, which serves when this returns
start() {
    n=$1
    shift
    ip netns exec wx$n "$@" "--net=ipv4:allow=*:8080/in" --metrics=0.0.0.0:9100 --log-format=json \
        --shutdown-delay=2s --shutdown-timeout=20s "$module" 8080 0.0.0.0 >>"$work/replica$n.log" 2>&1 </dev/null &
    echo $! >"$work/$n.pid"
    until in_lb curl -fs -m 2 "http://10.77.0.1$n:9100/ready" >/dev/null; do
        kill -0 "$(cat "$work/$n.pid")" || { cat "$work/replica$n.log" >&2; exit 1; }
        sleep 0.1
    done
}

# a gentle end; its exit code has to be 143
stop() {
    pid=$(cat "$work/$1.pid")
    kill -TERM "$pid"
    code=0
    wait "$pid" || code=$?
    [ $code = 143 ] || { echo "rolling.sh: replica $1 ended with $code" >&2; cat "$work/replica$1.log" >&2; exit 1; }
}

# asked, lost and the longest answer so far
figures() {
    cat "$work/figures"
}

count() {
    figures | cut -d' ' -f"$1"
}

# load NAME / unload: a run of the client with figures of its own
load() {
    rm -f "$work/stop" "$work/figures"
    in_lb python3 "$here/load.py" $front 8000 $connections "$work/stop" "$work/figures" &
    client=$!
    until [ -r "$work/figures" ] && [ "$(count 1)" -gt 100 ]; do sleep 0.1; done
}

unload() {
    touch "$work/stop"
    wait $client
    echo "$1: $(figures | awk '{print $1 " requests, " $2 " lost, longest " $3 " ms"}') $(figures | cut -d' ' -f4-)"
}

balanced() {
    # the server's line of HAProxy says UP again, and it has had its slow start
    sleep 3
}

for n in 1 2 3; do start $n "$run"; done
FRONT=$front:8000 ONE=10.77.0.11 TWO=10.77.0.12 THREE=10.77.0.13 \
    ip netns exec wxlb haproxy -f "$root/deploy/haproxy/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
echo $! >"$work/haproxy.pid"
until in_lb curl -fs -m 2 http://$front:8000/ >/dev/null; do
    kill -0 "$(cat "$work/haproxy.pid")" || { cat "$work/haproxy.log" >&2; exit 1; }
    sleep 0.1
done

load
rounds=0
while [ "$(count 1)" -lt "$requests" ]; do
    for n in 1 2 3; do
        stop $n
        start $n "$run"
        balanced
    done
    rounds=$((rounds + 1))
done
unload "rolling restart, $rounds rounds of three"
rolling_lost=$(count 2)

load
pid=$(cat "$work/2.pid")
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
sleep 3
start 2 "$run"
balanced
unload "kill -9 of one of three"

mixed_lost=0
if [ -n "$other" ]; then
    load
    stop 2
    start 2 "$other"
    balanced
    for n in 1 3; do
        stop $n
        start $n "$run"
        balanced
    done
    stop 2
    start 2 "$run"
    balanced
    unload "mixed with $("$other" --version | head -1)"
    mixed_lost=$(count 2)
fi
[ "$rolling_lost" = 0 ] && [ "$mixed_lost" = 0 ]
