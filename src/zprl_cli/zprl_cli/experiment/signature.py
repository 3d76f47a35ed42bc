"""Signs a report with an SSH key, so that a reader can tell who vouches for it and that nothing was changed since."""

import subprocess
from pathlib import Path

from zprl.checkpoints.run_folder import RunError

NAMESPACE = "zprl"  # what the signature is for; a reader gives the same one


def sign(report: Path, key: Path) -> Path:
    """Write the signature beside the report. Raises RunError that says what ssh-keygen found wrong."""
    signature = report.with_name(report.name + ".sig")
    signature.unlink(missing_ok=True)  # ssh-keygen would ask
    command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key.expanduser()), str(report)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RunError("ssh-keygen, which signs the report, is not installed; install openssh-client") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RunError(f"the report cannot be signed with {key} ({last}); give a key of ssh-keygen -t ed25519")
    return signature
