"""Prompt files: reading, checking, watching and loading them into the store."""
