"""Checks: what an answer must satisfy, each a pure function of the answer to pass or fail with a reason."""
