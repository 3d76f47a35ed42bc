# Sourced by the other scripts.

say() { printf 'zprl: %s\n' "$*"; }

fail() {
    printf 'zprl: %s\n' "$*" >&2
    exit 1
}

# The hash of the names and contents of the files given.
hash_files() { sha256sum "$@" | sha256sum | cut -d ' ' -f 1; }

# The Python to make .venv with: $PYTHON if given, otherwise python3.11 or python3.
find_python() {
    local python version
    python=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
    [[ -n $python ]] || fail "no python3 found: install Python 3.10 to 3.13"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "PYTHON=$python does not run"
    case $version in
        3.10 | 3.11 | 3.12 | 3.13) printf '%s\n' "$python" ;;
        *) fail "$python is Python $version, and there are ROS 2 wheels for 3.10 to 3.13: give another, e.g. PYTHON=python3.12" ;;
    esac
}
