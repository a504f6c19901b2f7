"""The regions of the A/B test's screen."""
