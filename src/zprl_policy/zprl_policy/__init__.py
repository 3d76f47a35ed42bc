"""Policy node of zprl: observations in, arm commands and transitions out."""
