"""A local AWS in which codes, sessions and policies are real."""
