# Sourced by the other scripts.

say() { printf 'zprl: %s\n' "$*"; }

fail() {
    printf 'zprl: %s\n' "$*" >&2
    exit 1
}

# Scripts in .venv and ROS's lists of folders break at these characters, after minutes of building.
unusable=$'[[:space:]:;"\'`$\\\\]'
if [[ $PWD =~ $unusable ]]; then
    fail "the folder $PWD has a space or another of the characters :;\"'\`\$\\ in its path; move it, for example to ${HOME:-/opt}/zprl, and run the same command again"
fi
unset unusable

# Print the hash of the names and contents of the given files.
hash_files() { sha256sum "$@" | sha256sum | cut -d ' ' -f 1; }

# Print the Python for .venv: $PYTHON if given, otherwise python3.11 or python3.
find_python() {
    local python version
    python=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
    [[ -n $python ]] || fail "python3 was not found; install Python 3.10 to 3.13"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "PYTHON=$python does not run; set PYTHON to a Python 3.10 to 3.13"
    case $version in
        3.10 | 3.11 | 3.12 | 3.13) printf '%s\n' "$python" ;;
        *) fail "$python is Python $version, but the ROS 2 wheels support 3.10 to 3.13; set another, for example PYTHON=python3.12" ;;
    esac
}
