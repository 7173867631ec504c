"""CloudFormation: stacks whose resources are made by calls on the caller's behalf, each of them authorised."""
