"""The account as it is: the snapshot of one, read and told apart."""
