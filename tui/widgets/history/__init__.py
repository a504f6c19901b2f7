"""The list of all runs, and one of them opened."""
