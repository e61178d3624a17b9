"""Glue entry points that join stages; each has `main(argv) -> exit code`."""
