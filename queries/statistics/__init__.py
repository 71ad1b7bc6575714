"""Statistics as pure functions on arrays, each with a result type."""
