"""Search a collection by words and by vectors, and see what an edit of the query does to it."""
