"""A small shop that logs as Django's documentation teaches; it knows no fastlog."""
