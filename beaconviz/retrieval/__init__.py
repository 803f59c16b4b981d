"""Search a collection by words and by vectors, and what an edit of the query does to it."""
