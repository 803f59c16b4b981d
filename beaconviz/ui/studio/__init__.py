"""The Studio, Translate and Write pages: the live editor."""
