"""The doctor checks the set-up and says how to fix what fails."""
