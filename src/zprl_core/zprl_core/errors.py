"""What to do when a file cannot be written: only a full disk wants space."""

import errno


def remedy(error: OSError) -> str:
    """The first half of a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "see who may write there"
    return "see what is at that place"
