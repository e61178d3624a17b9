"""Build marts -> a verdict per tenant and dataset: suites as YAML, the runner, the gate."""
