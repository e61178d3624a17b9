"""Older and foreign documents -> the keys of v1.3: one module per shape.

Each `upgrade` takes the values it knows out of the decoded document and returns them under their
v1.3 names, still loose; what it leaves behind becomes `extra`.
"""
