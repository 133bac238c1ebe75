"""An independent second computation of a round, and random rounds to compare it with."""
