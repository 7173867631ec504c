"""Claims about every principal and every request of an account, and what proves or refutes them."""
