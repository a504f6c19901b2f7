"""The headless engine of Penstock: nothing in here imports textual."""
