"""The `cci` command: the composition root for people and schedules; may import every stage."""
