"""The board on which a demo's faults are chosen."""
