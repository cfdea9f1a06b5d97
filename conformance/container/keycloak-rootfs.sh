#!/bin/bash
# keycloak-rootfs.sh ZIP OUT.tar : the root file system of a stand-in for the official Keycloak image, from Debian's packages
# and Keycloak's distribution, for machines without an image registry. Needs root, mmdebstrap, unzip and Debian's package
# registry. Some 20 s, 460 MB.
#
# As in the official image: home, entry point, user 1000 in group 0 that may write everywhere below the home, no curl.
# Unlike it: Debian and Java 17.
set -euo pipefail
zip=$(realpath "$1")
out=$(realpath -m "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/hook" <<'HOOK'
#!/bin/sh -eu
cd "$1"
unzip -q "$KEYCLOAK_ZIP" -d opt
mv opt/keycloak-* opt/keycloak
mkdir opt/keycloak/data
chown -R 1000:0 opt/keycloak
chmod -R g+rwX opt/keycloak
echo 'root:x:0:0:root:/root:/bin/bash' >etc/passwd
echo 'keycloak:x:1000:0:keycloak user:/opt/keycloak:/sbin/nologin' >>etc/passwd
echo 'root:x:0:' >etc/group
for java in usr/lib/jvm/java-17-openjdk-*; do ln -s "../../$java/bin/java" usr/bin/java; done
# The packages are unpacked but not configured, so nothing made Java's trust store, and Keycloak refuses to start without
# one. It needs no certificate authority here: one that signs nothing will do.
chroot . "/$java/bin/keytool" -genkeypair -alias none -keyalg EC -dname CN=none -storepass changeit \
  -keystore /etc/ssl/certs/java/cacerts 2>/dev/null
HOOK
chmod +x "$work/hook"

# Written beside its place first: a tar that exists is complete.
KEYCLOAK_ZIP=$zip mmdebstrap --quiet --variant=extract --extract-hook="$work/hook" \
  --include=base-files,bash,dash,coreutils,sed,grep,findutils,libc-bin,zlib1g,openjdk-17-jre-headless \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  bookworm "$work/root.tar"
mv "$work/root.tar" "$out.part"
mv "$out.part" "$out"
