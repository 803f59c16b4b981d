"""The Rules page: write a rule, and see its design."""
