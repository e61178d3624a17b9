"""The words of the demo: themes, criteria, tenants and awkward calls, written for this project."""
