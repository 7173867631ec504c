"""What is wrong or weak in a policy: one rule a file. Pure: values in, findings out."""
