"""Gymnasium environments of other packages, stepped in process as our own tasks are."""
