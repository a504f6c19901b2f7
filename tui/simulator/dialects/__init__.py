"""One file for each wire format a provider speaks."""
