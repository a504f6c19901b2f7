"""The widgets of the local history."""
