"""Client-side rate limits: the token bucket, who waits for it, and its snapshot."""
