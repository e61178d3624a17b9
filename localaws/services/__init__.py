"""The AWS services localaws answers itself, one module each."""
