"""One module per word of the `cci` command."""
