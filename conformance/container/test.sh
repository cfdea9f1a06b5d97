#!/bin/bash
# test.sh COMMAND... : COMMAND beside a container engine that has Keycloak's image, on a machine with neither (CI).
# Needs root, Debian 12 and its packages docker.io, mmdebstrap and unzip, and what the distribution way needs (Java, Maven).
# What is made stays in the user's cache folder, by the hash of what it is made from.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
keycloak=$(realpath "$here/../keycloak")

[ $# -gt 0 ] || {
  echo 'usage: test.sh COMMAND...' >&2
  exit 2
}
[ "$(id -u)" = 0 ] || {
  echo 'test.sh starts a container engine and needs root' >&2
  exit 2
}
# Where Debian has dockerd and ip; not everybody's path has it.
PATH=$PATH:/usr/sbin:/sbin
missing=
for need in dockerd:docker.io docker:docker.io mmdebstrap:mmdebstrap unzip:unzip mvn:maven unshare:util-linux ip:iproute2; do
  command -v "${need%:*}" >/dev/null || missing="$missing ${need#*:}"
done
[ -z "$missing" ] || {
  echo "missing: apt-get install$missing" >&2
  exit 2
}

read -r sha256 zip <"$keycloak/keycloak.sha256"
version=${zip#keycloak-quarkus-dist-}
version=${version%.zip}
key=$(cat "$here/keycloak-rootfs.sh" "$keycloak/keycloak.sha256" | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/polyglot-tokens/container
tar=$cache/rootfs-$key.tar
mkdir -p "$cache"

# Inside there is no network: whatever can be prepared is prepared before.
node "$here/../src/servers/keycloak/prepare-only.ts"
if ! [ -e "$tar" ]; then
  echo "making an image of Keycloak $version …" >&2
  fetched=$(mktemp -d)
  trap 'rm -rf "$fetched"' EXIT
  mvn --quiet --batch-mode --strict-checksums -Dstyle.color=never --file="$keycloak/pom.xml" dependency:copy-dependencies \
    -DincludeTypes=zip -DoutputDirectory="$fetched"
  echo "$sha256  $fetched/$zip" | sha256sum --check --quiet
  rm -f "$cache"/rootfs-*.tar
  "$here/keycloak-rootfs.sh" "$fetched/$zip" "$tar"
  rm -rf "$fetched"
fi

# shellcheck disable=SC2016 # expanded inside
exec "$here/with-engine.sh" "$cache/engine-$key" bash -euc '
  tar=$1 image=$2
  shift 2
  docker image inspect "$image" >/dev/null 2>&1 ||
    docker import --change "ENTRYPOINT [\"/opt/keycloak/bin/kc.sh\"]" --change "USER 1000" \
      --change "EXPOSE 8080 8443 9000" --change "ENV LANG=C.UTF-8 KC_RUN_IN_CONTAINER=true" "$tar" "$image" >/dev/null
  "$@"
' inside "$tar" "quay.io/keycloak/keycloak:$version" "$@"
