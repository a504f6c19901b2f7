"""The arithmetic of A/B tests: assignment, evidence and one verdict; it knows of no calls and no tables."""
