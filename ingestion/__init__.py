"""Recordings and transcripts -> final calls: one Lambda per handler module, the rest pure."""
