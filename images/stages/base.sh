#!/bin/sh
# base.sh ROOT: what a Node program needs from Debian, and nothing else: no shell, no package manager.
set -eu
root=$1
packages='base-files netbase libc6 libgcc-s1 libstdc++6 ca-certificates tzdata'
mkdir -p "$root"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if ! ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1; then apt-get update -qq; fi
# apt downloads as its own user where it is started by root.
if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$scratch"; fi
# shellcheck disable=SC2086 # a list of words
(cd "$scratch" && apt-get download -qq $packages >&2)
for package in "$scratch"/*.deb; do dpkg-deb -x "$package" "$root"; done

# Scanners find out what is inside by the same records as in other images without a package manager.
mkdir -p "$root/var/lib/dpkg/status.d"
for package in "$scratch"/*.deb; do dpkg-deb -f "$package" > "$root/var/lib/dpkg/status.d/$(dpkg-deb -f "$package" Package)"; done

# What update-ca-certificates would do after the installation.
mkdir -p "$root/etc/ssl/certs"
cat "$root"/usr/share/ca-certificates/mozilla/*.crt > "$root/etc/ssl/certs/ca-certificates.crt"
rm -rf "$root/usr/share/ca-certificates" "$root/usr/sbin/update-ca-certificates"

# Licences stay; manuals, translations and programs that need a shell do not.
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/doc" -type d -empty -delete
rm -rf "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/lintian" "$root/usr/share/zoneinfo/right" "$root/usr/share/zoneinfo/posix" "$root"/usr/lib/*-linux-gnu/gconv \
  "$root"/usr/lib/*-linux-gnu/perl-base "$root/usr/share/gcc" "$root/usr/share/gdb" "$root/etc/update-motd.d" "$root/var/lib/systemd"

mkdir -p "$root/tmp" "$root/app" "$root/home/grm" "$root/etc" "$root/proc" "$root/sys" "$root/dev"
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/:/sbin/nologin\ngrm:x:65532:65532:grm:/home/grm:/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:\ngrm:x:65532:\n' > "$root/etc/group"
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
