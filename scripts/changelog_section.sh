#!/usr/bin/env bash
# Print the section of a version in CHANGELOG.md: scripts/changelog_section.sh 0.2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

version=${1:?give a version, as in its heading of CHANGELOG.md}
section=$(awk -v head="## [$version]" \
    'index($0, "## [") == 1 {inside = index($0, head) == 1; next} inside' CHANGELOG.md)
[[ -n ${section//[[:space:]]/} ]] || fail "CHANGELOG.md has no section [$version]; write it, and tag again"
printf '%s\n' "$section"
