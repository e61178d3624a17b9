"""Who may do what, as IAM decides it: the parts of the evaluation that ministack lacks."""
