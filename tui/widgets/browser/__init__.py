"""The prompt browser on the left."""
