"""The zprl command."""
