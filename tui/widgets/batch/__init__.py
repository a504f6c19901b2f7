"""The plan of runs that are asked for together."""
