"""What every page stands on: session, state, links, caches, errors."""
