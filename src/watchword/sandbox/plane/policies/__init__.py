"""The policies of resources: where they are kept, whom they name, and what AWS refuses to store."""
