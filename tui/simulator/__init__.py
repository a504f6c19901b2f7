"""A loopback server that speaks every provider's dialect and enforces real limits."""
