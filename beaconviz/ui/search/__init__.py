"""The Search page: edit a query, and see the ranking change."""
