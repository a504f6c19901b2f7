"""Panes to read text in."""
