"""Penstock: a terminal workbench for LLM prompts."""

__version__ = "0.1.0"
