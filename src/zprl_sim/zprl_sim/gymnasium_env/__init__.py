"""Gymnasium environments of other packages, stepped in process like zprl's own tasks."""
