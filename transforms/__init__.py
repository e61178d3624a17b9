"""Final (and older) call documents -> partitioned Parquet tables in the Glue catalogue."""
