#!/usr/bin/env bash
# gymnasium-robotics 1.4.2, mujoco 4.0.0 and 3.3.7
#
# One would guess: `pip install gymnasium-robotics` gives Fetch environments that work, since it asks for any
#                  mujoco>=2.2.0 and so installs the newest.
# What happens:    with mujoco 4.0.0 gymnasium.make("FetchReach-v4") fails with an AssertionError without a text in
#                  set_joint_qpos. With mujoco 3.3.7 the same works.
# Cause:           model.jnt_type[i] == mjtJoint.X is true, but mjtJoint.X == model.jnt_type[i] is false with mujoco
#                  4.0.0, and `jnt_type in (mjtJoint.A, mjtJoint.B)` compares in the second order. In code without an
#                  assertion the branch is skipped silently; int(jnt_type) works with both versions.
# Way around:      pip install gymnasium-robotics==1.4.2 mujoco==3.3.7
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat >"$folder/make.py" <<'PYTHON'
from importlib.metadata import version

import gymnasium
import gymnasium_robotics
import mujoco

print(*(f"{name} {version(name)}" for name in ("gymnasium-robotics", "gymnasium", "mujoco")))
model = mujoco.MjModel.from_xml_string(
    '<mujoco><worldbody><body><joint type="hinge"/><geom size="1"/></body></worldbody></mujoco>'
)
kind, hinge = model.jnt_type[0], mujoco.mjtJoint.mjJNT_HINGE
print("jnt_type == hinge:", kind == hinge, " hinge == jnt_type:", hinge == kind, " jnt_type in (hinge,):", kind in (hinge,))
gymnasium.register_envs(gymnasium_robotics)
env = gymnasium.make("FetchReach-v4")
print("FetchReach-v4 works:", env.reset(seed=0)[0]["achieved_goal"].round(3).tolist())
PYTHON
made() {
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
        gymnasium-robotics==1.4.2 gymnasium==1.4.0 numpy==2.4.6 "mujoco==$1"
    PYTHONWARNINGS=ignore "$folder/venv/bin/python" "$folder/make.py" 2>&1 | grep -E '^gymnasium-robotics|^jnt_type|^FetchReach|set_joint_qpos|Error' 
}
new="$(made 4.0.0 || true)"
old="$(made 3.3.7 || true)"
printf '%s\n\n%s\n' "$new" "$old"
[[ $new == *"set_joint_qpos"* && $new == *AssertionError* && $old == *"FetchReach-v4 works"* ]]
