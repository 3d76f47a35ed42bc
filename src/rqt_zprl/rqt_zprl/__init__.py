"""An rqt plugin for the operator of a zprl robot."""
