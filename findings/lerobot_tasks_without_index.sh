#!/usr/bin/env bash
# lerobot 0.6.1, pandas 2.3.3, pyarrow 26.0.1; Python 3.12
#
# One would guess: a LeRobotDataset v3 whose meta/tasks.parquet has the columns task_index and task gives each frame the
#                  sentence of its task, as other tables of the data set are read by the names of their columns; or it is
#                  refused.
# What happens:    the data set opens without a warning, and item["task"] is 0, the number of a row, instead of the
#                  sentence: lerobot takes the name of the row, and so the sentence must be the index of a pandas table.
# Way around:      write the table by pandas with the sentences as index, or with pyarrow and the metadata "pandas" that
#                  names the index column. Look at item["task"].
#
# Exits with 0 while this is so, with 1 when it has changed. Needs python3.12 and 6 GB; uses a temporary folder and
# removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3.12 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "lerobot[dataset]==0.6.1" pandas==2.3.3 pyarrow==26.0.1
cat >"$folder/tasks.py" <<'PYTHON'
import sys
from pathlib import Path

import lerobot
import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
from lerobot.datasets.lerobot_dataset import LeRobotDataset

print("lerobot", lerobot.__version__, "pandas", pandas.__version__)
root, name = Path(sys.argv[1]) / "data", "local/x"
features = {"action": {"dtype": "float32", "shape": (2,), "names": ["x", "y"]}}
made = LeRobotDataset.create(name, 20, features, root=root)
for _ in range(5):
    made.add_frame({"action": np.zeros(2, np.float32), "task": "Lift the cube."})
made.save_episode()
made.finalize()
print("as lerobot writes it:", repr(LeRobotDataset(name, root=root)[0]["task"]))
pq.write_table(pa.table({"task_index": [0], "task": ["Lift the cube."]}), root / "meta" / "tasks.parquet")
print("as two columns:", repr(LeRobotDataset(name, root=root)[0]["task"]))
PYTHON
export HF_HUB_OFFLINE=1 HF_HOME="$folder/home"
found="$("$folder/venv/bin/python" "$folder/tasks.py" "$folder" 2>/dev/null)"
echo "$found"
grep -q "^as lerobot writes it: 'Lift the cube.'$" <<<"$found"
grep -q "^as two columns: 0$" <<<"$found"
