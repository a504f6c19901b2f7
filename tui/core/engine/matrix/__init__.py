"""Matrices: every case with every revision at every provider, so many times, and what the checks say."""
