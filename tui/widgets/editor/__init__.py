"""The editor pane: a prompt file as it is being written."""
