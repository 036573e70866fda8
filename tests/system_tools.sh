#!/bin/sh
# Usage: tests/system_tools.sh [chromium] [haproxy] [nginx] [node] [tshark]
# Sees to it that the programs named are there: by apt-get where it may, Chromium else by Playwright's
# own download. Fails, naming the command, when one is still missing. No service is started or enabled.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
python=$here/../.venv/bin/python

# Debian keeps servers where only the administrator's PATH leads.
sbin=${SBIN:-/usr/sbin}
PATH=$PATH:$sbin
policy=$sbin/policy-rc.d

has() { command -v "$1" >/dev/null 2>&1; }

if [ "$(id -u)" = 0 ]; then root=env
elif has sudo && sudo -n true 2>/dev/null; then root="sudo -n"
else root=
fi

updated=
install() {
    has apt-get && [ -n "$root" ] || return 1
    echo "Installing $* by apt-get"
    [ -n "$updated" ] || $root apt-get -qq -o DPkg::Lock::Timeout=120 update || return 1
    updated=yes
    # tshark asks who may capture; no test captures from a network device.
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 \
        install --no-install-recommends "$@" </dev/null >/dev/null
}

# A package that brings a service would start it, on port 80 of this machine. Debian asks policy-rc.d first,
# and 101 is a no. Where there is one already, its owner has decided, and it stays as it is.
ours=
forbid_services() {
    [ -e "$policy" ] && return
    ours=yes
    printf '#!/bin/sh\n# From %s, until it ends: services that are installed now are not started.\nexit 101\n' "$0" |
        $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
}
allow_services() {
    [ -z "$ours" ] || $root rm -f "$policy"
    ours=
}
trap allow_services EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

install_without_service() {
    has apt-get && [ -n "$root" ] || return 1
    forbid_services
    status=0
    install "$1" || status=$?
    allow_services
    if [ "$status" = 0 ] && has systemctl; then
        $root systemctl disable --now "$1" >/dev/null 2>&1 || true
    fi
    return "$status"
}

missing() {
    echo "make test needs $1, which is not here. Install it, on Debian or Ubuntu by:  $2" >&2
    echo "or leave its tests out by name:  make test WITHOUT=$1" >&2
    exit 1
}

for tool in "$@"; do
    case $tool in
    chromium)
        has chromium || install chromium fonts-dejavu-core || "$python" -m playwright install chromium ||
            missing chromium "apt-get install chromium, anywhere by:  .venv/bin/playwright install chromium"
        # The driver that Playwright brings is linked to a library that a bare Debian lacks.
        "$python" -m playwright --version >/dev/null 2>&1 || install libatomic1 ||
            missing chromium "apt-get install libatomic1" ;;
    haproxy|nginx)
        has "$tool" || install_without_service "$tool" ||
            missing "$tool" "apt-get install $tool (its service may start; stop it by:  systemctl disable --now $tool)" ;;
    node)
        has node || install nodejs || missing node "apt-get install nodejs npm"
        has npm || install npm || missing node "apt-get install npm" ;;
    tshark)
        has tshark || install tshark || missing tshark "apt-get install tshark" ;;
    *)
        echo "$0: $tool: not one of chromium, haproxy, nginx, node, tshark" >&2
        exit 2 ;;
    esac
done
