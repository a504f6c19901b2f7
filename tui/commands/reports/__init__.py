"""A finished matrix as others want to read it: a table, JSON, JUnit's XML, Markdown."""
