"""AWS on a laptop: one address that answers the AWS APIs, or refuses by name.

Stands alone: it knows no call and no tenant, is started as a process, imported by nobody.
"""
