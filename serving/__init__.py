"""Passed datasets -> what people see: publishing, access rules, dashboards, a local preview."""
