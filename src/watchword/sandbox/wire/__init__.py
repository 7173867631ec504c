"""What travels: requests, signatures, operations, errors and results, in each protocol of AWS."""
