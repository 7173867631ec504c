"""Whether a call may happen: which action on which resource, decided by the engine."""
