"""From marks to an outcome: pure functions over immutable values, exact throughout."""
