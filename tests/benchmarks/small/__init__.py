"""Small classes, each with one condition more than plain values have."""
