"""Camera calibration: intrinsics and hand-eye."""
