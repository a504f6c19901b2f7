"""The engine thread that owns watcher, database, providers and quota."""
