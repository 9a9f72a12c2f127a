# SPDX-License-Identifier: EUPL-1.2
# Shared by the scripts: where things are, and how what is missing gets installed from Debian 12.
# Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

packages_build="g++ cmake ninja-build ccache mold pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev zlib1g-dev
  libgoogle-perftools-dev libsqlite3-dev libpq-dev libsofia-sip-ua-dev libexpected-dev libfmt-dev libspdlog-dev
  libhowardhinnant-date-dev tzdata libtomlplusplus-dev libcli11-dev libsodium-dev
  prometheus-cpp-dev libxapian-dev libxml2-dev libzip-dev libcurl4-openssl-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
  libxlsxwriter-dev libqpdf-dev libharfbuzz-dev libldap-dev fonts-liberation2
  woff2 libharfbuzz-bin"
packages_run="rtpengine-daemon espeak-ng sox ca-certificates libldap-common"
packages_test="poppler-utils postgresql sip-tester baresip-core linphone-cli chromium openssl sqlite3 iproute2 util-linux procps slapd"
packages_lint="clang-format-19 clang-tidy-19 clang-19"
packages_sanitize="clang-19 libclang-rt-19-dev llvm-19"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

# usage FILE: the comment at its head, without shebang and licence, is its help.
usage() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$1"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs Debian packages that are not there yet. Services that packages bring (rtpengine,
# PostgreSQL) are kept from starting: Fernamt and its tests start their own.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "Packages are missing and there is neither root nor sudo. As root run:"
        say "  apt-get install --no-install-recommends ${missing[*]}"
        exit 77
    fi
    say "Installing from Debian: ${missing[*]}"
    ( # a shell of its own, so that its trap also tidies up after Ctrl-C
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap 'as_root rm -f "$policy"' EXIT
            trap 'exit 130' INT TERM
            printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
            as_root chmod +x "$policy"
        fi
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
                --no-install-recommends "${missing[@]}" >&2
    )
}

install_node() {
    command -v node >/dev/null && command -v npm >/dev/null && return 0
    install_packages nodejs npm
}

# build_ui: the pages, rebuilt only when something in ui/ has changed.
build_ui() {
    install_node
    local stamp="$root/ui/dist/.built-from" now
    now=$(cd "$root/ui" && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return 0
    say "Building the pages"
    # Not `npm ci`: it insists on the optional packages of every platform, which not every registry
    # carries. This obeys the lock file as well, and writes nothing.
    (cd "$root/ui" && npm install --no-save --no-audit --no-fund --loglevel=error >&2 &&
        npm run --silent build >&2)
    printf '%s' "$now" >"$stamp"
}

# build_program PRESET [TARGET...]
build_program() {
    local preset=$1
    shift
    say "Building Fernamt ($preset)"
    cmake --preset "$preset" -S "$root" >"$root/build/$preset.configure.log" 2>&1 ||
        { cat "$root/build/$preset.configure.log" >&2; return 1; }
    cmake --build "$root/build/$preset" ${1:+--target "$@"} >&2
}

build_announcements() {
    local complete="$root/build/announcements/.complete"
    [ "$complete" -nt "$root/script/announcements" ] &&
        [ "$complete" -nt "$root/data/region-hannover.csv" ] && return 0
    say "Speaking the announcements"
    mkdir -p "$root/build/announcements"
    "$root/script/announcements" "$root/build/announcements" >&2
    touch "$complete"
}
