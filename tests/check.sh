#!/usr/bin/env bash
# Checks everything, on a plain Debian with Python 3.11: bash tests/check.sh
set -euo pipefail

# The share of statements and branches of data/ and queries/ that tests must run, in per cent.
readonly COVERAGE=100

cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset KYPHO_REGISTRY PYTHONPATH
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 DEBIAN_FRONTEND=noninteractive
exec < /dev/null

readonly ENVIRONMENT=.venv-check
STEP=start
SINCE=$SECONDS

finish() {
    local code=$?
    if [[ $code -eq 0 ]]; then
        echo "== all checks passed in ${SECONDS} s"
    else
        echo "== FAILED: ${STEP} (after $((SECONDS - SINCE)) s, ${SECONDS} s in all)" >&2
    fi
}
trap finish EXIT

step() {
    STEP=$1
    SINCE=$SECONDS
    shift
    echo "== ${STEP}"
    "$@"
    echo "== ${STEP}: $((SECONDS - SINCE)) s"
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

find_python() {
    local name
    for name in python3.11 python3 python; do
        if command -v "$name" > /dev/null \
            && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found." >&2
    return 1
}

environment() {
    local python stamp
    python=$(find_python)
    stamp=$(cat requirements.txt tests/requirements.txt <("$python" --version) | sha256sum)
    if [[ -x $ENVIRONMENT/bin/python && $(cat "$ENVIRONMENT/stamp" 2> /dev/null) == "$stamp" ]] \
        && "$ENVIRONMENT/bin/python" -c 'import streamlit, pytest' 2> /dev/null; then
        echo "$ENVIRONMENT is current"
        return
    fi
    if ! "$python" -c 'import ensurepip' 2> /dev/null; then
        as_root apt-get update -qq
        as_root apt-get install -y -qq python3-venv
    fi
    rm -rf "$ENVIRONMENT"
    "$python" -m venv "$ENVIRONMENT"
    "$ENVIRONMENT/bin/python" -m pip install --quiet -r tests/requirements.txt
    echo "$stamp" > "$ENVIRONMENT/stamp"
}

has_chromium() {
    local name
    [[ -n ${KYPHO_CHROMIUM:-} ]] && return 0
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" > /dev/null && return 0
    done
    return 1
}

has_font() {
    [[ -n $(find /usr/share/fonts /usr/local/share/fonts -iname 'liberation*' -print -quit \
        2> /dev/null) ]]
}

browser() {
    local -a wanted=()
    has_chromium || wanted+=(chromium)
    has_font || wanted+=(fonts-liberation)
    if [[ ${#wanted[@]} -eq 0 ]]; then
        echo "Chromium and a font are there"
        return
    fi
    if ! command -v apt-get > /dev/null; then
        echo "Missing and not installable without apt-get: ${wanted[*]}." >&2
        return 1
    fi
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends "${wanted[@]}"
}

step "environment" environment
step "browser" browser
PATH="$PWD/$ENVIRONMENT/bin:$PATH"
step "ruff format" ruff format --check .
step "ruff check" ruff check .
step "mypy" mypy
step "import-linter" lint-imports
step "sqlfluff" sqlfluff lint queries/sql
step "pytest" python -m pytest --numprocesses auto --dist loadfile --demand-browser --cov --cov-branch \
    --cov-fail-under="$COVERAGE" -o addopts="-ra --strict-markers --import-mode=importlib"
