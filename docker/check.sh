#!/usr/bin/env bash
# Build the image and use it, without a Docker engine: finetune as a plain user, doctor, health green and then red.
# As root, with Debian's buildah and debootstrap. Takes 8 minutes on two cores, and 15 GB, which it gives back.
#
#     docker/check.sh [FOLDER]      # FOLDER receives the runs and the logs; by default a new one in /tmp
#
# IMAGE: an image that is used as it is, and not built. BASE: image to build on; by default a Debian 12 that debootstrap
# makes. BUILD_FLAGS: flags for buildah build, for example a volume with pip's configuration.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$(realpath "${1:-$(mktemp -d)}")
tag=${IMAGE:-localhost/zprl-check}
work=$(mktemp -d)
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
storage=()
[[ -n ${IMAGE:-} ]] || storage=(--root "$work/storage" --runroot "$work/run") # removed at the end
container="" up="" killer=""

image() { buildah "${storage[@]}" "$@"; }

finish() {
    [[ -z $killer ]] || kill "$killer" 2>/dev/null || true
    [[ -z $up ]] || { signal TERM bin/zprl up; wait "$up"; } || true
    [[ -z $container ]] || image rm "$container" >/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# Signal the Python processes of the container's user whose command has these words.
signal() { # number, words
    local number=$1 pids
    shift
    mapfile -t pids < <(ps -u 12345 -o pid=,args= | awk -v words="$*" '$2 ~ /python/ && index($0, words) {print $1}')
    ((${#pids[@]} == 0)) || kill "-$number" "${pids[@]}" || true
}

say() { printf '\ncheck: %s\n' "$*"; }
fail() { say "FAILED: $*, see $out"; exit 1; }

debian() {
    debootstrap --variant=minbase bookworm "$work/root" >"$out/debootstrap.log"
    local from folder
    from=$(image from scratch)
    folder=$(image mount "$from")
    cp -a "$work/root/." "$folder/"
    image umount "$from" >/dev/null
    image commit -q "$from" localhost/debian:12 >/dev/null
    image rm "$from" >/dev/null
    rm -rf "$work/root"
}

build() {
    if [[ -z ${BASE:-} ]]; then
        say "making a Debian 12 with debootstrap"
        debian
        BASE=localhost/debian:12
    fi
    say "building the image"
    local begin=$SECONDS
    # shellcheck disable=SC2086  # BUILD_FLAGS is a list of words
    image build --format docker --isolation chroot --network host --pull-never -t "$tag" --build-arg "BASE=$BASE" \
        --build-arg "PIP_ARGS=${PIP_ARGS:-}" ${BUILD_FLAGS:-} -f docker/Dockerfile . >"$out/build.log" 2>&1 \
        || fail "no image"
    say "built in $(((SECONDS - begin) / 60)) minutes"
}

# Run a command as the caller of the image does: through its entrypoint, as user 12345, with a mounted /data.
inside() {
    image run --user 12345:12345 --volume "$out/data:/data" "$container" -- /opt/zprl/docker/entrypoint.sh "$@"
}

# Wait until health says $1 (0: well), for at most $2 seconds.
health_becomes() {
    local end=$((SECONDS + $2)) code
    while ((SECONDS < end)); do
        code=0
        inside zprl health >"$out/health.log" 2>&1 || code=$?
        [[ $code == "$1" ]] && return 0
        sleep 1
    done
    return 1
}

mkdir -p "$out/data/runs"
chown -R 12345:12345 "$out/data"
[[ -n ${IMAGE:-} ]] || build
say "size of the image: $(image images --format '{{.Size}}' "$tag")"
container=$(image from --pull-never "$tag")

say "zprl doctor"
inside zprl doctor | tee "$out/doctor.log" || fail "the doctor found something"

say "zprl finetune, short"
inside zprl finetune --env-steps 3000 --eval-episodes 20 2>&1 | tee "$out/finetune.log" || fail "no run"
report=$out/data/runs/lift-seed0/report.html
[[ -s $report && $(stat -c %u "$report") == 12345 ]] || fail "no report of user 12345"

say "health: a graph comes up, its learner is killed, and comes back"
inside zprl up --base runs/lift-seed0/base --name health >"$out/up.log" 2>&1 &
up=$!
health_becomes 0 180 || fail "the graph was never well"
cat "$out/health.log"
# zprl starts it again within seconds, perhaps before health has looked: so it is killed until then.
(while signal KILL learner_node; do sleep 0.5; done) &
killer=$!
inside zprl health --within-s 4 | tee "$out/health-red.log" && fail "health is green without a learner"
grep -q 'nodes not well' "$out/health-red.log" || fail "health has not looked"
kill "$killer"
health_becomes 0 180 || fail "the learner did not come back"
signal TERM bin/zprl up
wait "$up" || true
up=""
grep -q 'stopped; run the same command again to resume' "$out/up.log" || fail "SIGTERM did not end the graph cleanly"
say "everything works; the logs are in $out"
