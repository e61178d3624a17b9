"""Athena on DuckDB: SQL texts over Glue and S3 -> the result files Athena writes, or a refusal.

A query is typed before it runs, by Trino's rules; what cannot be rewritten faithfully is refused.
"""
