#!/usr/bin/env bash
# Proves the two commands on a machine where nothing was installed before: a bare Debian 12 in FOLDER, with
# only python3, git and make, gets a clone of this repository's last commit and runs the make targets named.
#
#     sudo .make/prove-fresh.sh FOLDER [TARGET...]          (default: setup setup test)
#
# Needs root and debootstrap. The bare system reaches package archives the way this machine does: it is given
# this machine's own settings and certificates for apt, pip and npm. All mounts live in a namespace of their
# own and are gone when the script ends. FOLDER/base is kept for the next time; FOLDER/root is the one used.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:?"usage: prove-fresh.sh FOLDER [TARGET...]"}
shift
[ $# -gt 0 ] || set -- setup setup test
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
base=$folder/base root=$folder/root

if [ -z "${EMMA_FRESH_INSIDE:-}" ]; then
    export EMMA_FRESH_INSIDE=1
    exec unshare --mount --propagation private "${BASH_SOURCE[0]}" "$folder" "$@"
fi

if [ ! -e "$base/.complete" ]; then
    rm -rf --one-file-system "$base"
    debootstrap --variant=minbase --include=ca-certificates,python3,git,make bookworm "$base"
    touch "$base/.complete"
fi
rm -rf --one-file-system "$root"
cp -a "$base" "$root"

# This machine's way to its package archives: settings, certificates, and folders of packages named in them.
copy() {
    for path in "$@"; do
        if [ -e "$path" ]; then
            mkdir -p "$root$(dirname "$path")"
            cp -aL "$path" "$root$(dirname "$path")/"
        fi
    done
}
copy /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /usr/etc/npmrc
copy "$HOME/.config/pip" "$HOME/.npmrc" /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d
if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    copy /etc/apt/sources.list.d/debian.sources
    rm -f "$root/etc/apt/sources.list"
fi
mount -t proc proc "$root/proc"
mount -t devpts devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
for kept in $(python3 -m pip config list 2>/dev/null | grep -oE "(file://|=')/[^' ]+" | sed -E "s#^(file://|=')##"); do
    [ -d "$kept" ] || continue
    shelf=$(dirname "$kept")
    mkdir -p "$root$shelf"
    mountpoint -q "$root$shelf" || mount --bind -o ro "$shelf" "$root$shelf"
done

git clone --quiet --no-hardlinks "$here" "$root/srv/emma"
passed=(HOME="$HOME" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin)
for name in $(compgen -e | grep -E '^(NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|PIP_.*|(npm|NPM)_(config|CONFIG)_.*)$'); do
    passed+=("$name=${!name}")
done
in_fresh() { chroot "$root" /usr/bin/env -i "${passed[@]}" "$@"; }
packages() { in_fresh dpkg-query -W -f '${Package}\n' | sort; }
packages >"$folder/packages-before"
for target in "$@"; do
    echo "== make $target"
    began=$(date +%s%N)
    status=0
    in_fresh make -C /srv/emma "$target" </dev/null || status=$?
    echo "== make $target: exit $status after $((($(date +%s%N) - began) / 1000000)) ms"
    [ "$status" = 0 ] || break
done
packages >"$folder/packages-after"
echo "== system packages it asked for:"
grep -hoE '^\$ env DEBIAN_FRONTEND=noninteractive apt-get install .*' "$root/srv/emma/.venv/set-up.log" |
    sed 's/.*recommends //' | sort -u || true
echo "== with what those need, $(comm -13 "$folder/packages-before" "$folder/packages-after" | wc -l) packages:"
comm -13 "$folder/packages-before" "$folder/packages-after" | paste -sd ' '
exit "$status"
