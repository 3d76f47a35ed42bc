"""The `zprl` command, its reports and its doctor."""
