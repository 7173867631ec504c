"""The policy language, the credential kinds and the exact decision. Pure: values in, values out."""
