"""One module per CloudFormation stack, in deploy order: they meet by names, not by exports."""
