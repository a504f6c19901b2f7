"""Writes texts that answer a prompt: reads what it asks for, and fills forms of prose with fitting words."""
