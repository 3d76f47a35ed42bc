#!/usr/bin/env bash
# Check for compilers, Python headers, EGL and libusb, and for what only tests need unless WITHOUT_DEV is set. Missing
# packages are installed with apt, as root or with passwordless sudo; otherwise the script prints the apt command and
# stops.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

missing=()

need_command() { command -v "$1" >/dev/null || missing+=("$1"); }

need_library() { # soname package
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -F "$1 " >/dev/null || missing+=("$2")
}

need_driver() { # software rendering, unless a vendor's EGL is installed
    compgen -G '/usr/share/glvnd/egl_vendor.d/*nvidia*' >/dev/null \
        || compgen -G '/usr/lib/*/dri/*_dri.so' >/dev/null \
        || missing+=(libgl1-mesa-dri)
}

need_python_part() { # package suffix, test program
    "$python" -c "$2" 2>/dev/null && return
    local executable version
    executable=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    [[ $executable == /usr/bin/* ]] \
        || fail "$executable lacks the modules of Debian's python3-$1; reinstall it with them, or set another PYTHON"
    missing+=("python$version-$1")
}

install() { # packages
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_browser() { # not on Ubuntu, where chromium is a snap; without it those tests are skipped
    [[ -n ${WITHOUT_DEV:-} ]] && return
    command -v chromium >/dev/null || ! grep -qx 'ID=debian' /etc/os-release 2>/dev/null || browser=(chromium)
}

as_root=()
can_install=yes
if ! command -v apt-get >/dev/null; then
    can_install=
elif [[ $EUID -ne 0 ]]; then
    as_root=(sudo -n)
    sudo -n true 2>/dev/null || can_install=
fi

for tool in cmake gcc g++ make; do need_command "$tool"; done
need_library libEGL.so.1 libegl1
need_library libGL.so.1 libgl1
need_library libusb-1.0.so.0 libusb-1.0-0 # pyrealsense2
need_driver
if [[ -z ${WITHOUT_DEV:-} ]]; then # PyQt5 without a screen, in the tests of rqt_zprl
    need_library libgthread-2.0.so.0 libglib2.0-0
    need_library libfontconfig.so.1 libfontconfig1
fi
if [[ -n ${PYTHON:-} ]] || command -v python3 >/dev/null; then
    python=$(find_python)
    need_python_part venv 'import ensurepip, venv'
    need_python_part dev 'import os, sysconfig; os.stat(os.path.join(sysconfig.get_path("include"), "Python.h"))'
else
    missing+=(python3 python3-venv python3-dev)
fi

browser=()
need_browser
if [[ ${#missing[@]} -eq 0 && (${#browser[@]} -eq 0 || -z $can_install) ]]; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    fail "install these packages first (names as in Debian): ${missing[*]}"
fi
if [[ -z $can_install ]]; then
    fail "packages are missing; run this once, then the same command again:
sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
fi
say "installing with apt: ${missing[*]} ${browser[*]}"
install "${missing[@]}" "${browser[@]}" || fail "apt-get could not install: ${missing[*]} ${browser[*]}"
