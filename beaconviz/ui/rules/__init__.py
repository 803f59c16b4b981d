"""The Rules page: write a rule, and see the design it makes."""
