#!/bin/bash
# with-engine.sh DATA COMMAND... : COMMAND beside a container engine of its own, which keeps its images in the folder DATA.
# Needs root and Debian's docker.io (for dockerd), iproute2 and util-linux. The exit code is COMMAND's.
#
# Engine and COMMAND live in namespaces of their own, which the kernel empties when this process ends, however it ends: no
# bridge, mount, process or firewall rule stays. Inside there is a loopback network only.
set -euo pipefail

if [ "${1:-}" != --inside ]; then
  exec unshare --net --mount --pid --fork --mount-proc --kill-child "$0" --inside "$@"
fi

data=$(realpath -m "$2")
shift 2
mkdir -p "$data"
exec 9>"$data/.lock"
flock --nonblock 9 || {
  echo "another engine uses $data" >&2
  exit 2
}

# A Unix socket's path holds 107 characters at most, so it cannot lie below DATA.
run=$(mktemp -d)
mount -t tmpfs engine "$run"
ip link set lo up
# --ip 127.0.0.1: published ports are reachable from here only; nothing in here needs forwarding.
setsid dockerd --data-root "$data" --exec-root "$run/exec" --pidfile "$run/pid" --host "unix://$run/docker.sock" \
  --iptables=false --ip-masq=false --ip-forward=false --ip 127.0.0.1 >"$run/log" 2>&1 9>&- &
engine=$!
trap 'kill $engine 2>/dev/null && wait $engine || true; umount -l "$run"; rmdir "$run"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export DOCKER_HOST="unix://$run/docker.sock"
# Up after 0.3 s where nothing else runs.
for _ in $(seq 300); do
  docker version >/dev/null 2>&1 && break
  kill -0 $engine 2>/dev/null || {
    echo 'the container engine ended:' >&2
    tail -n 5 "$run/log" >&2
    exit 2
  }
  sleep 0.1
done

"$@"
