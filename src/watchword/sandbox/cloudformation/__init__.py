"""CloudFormation: stacks whose resources are made by authorised calls on the caller's behalf."""
