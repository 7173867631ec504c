"""KMS behind other services: the calls that they make to it on behalf of whoever called them."""
