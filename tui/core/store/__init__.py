"""The database: tables, and one file for each thing kept in it."""
