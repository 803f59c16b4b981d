"""What every page needs: session, state, links, caches, errors."""
