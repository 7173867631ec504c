"""The sign-in endpoint for federation: credentials become a sign-in token, and that a console session."""
