"""How the generated tables of `authorise.bindings` are made. `python -m watchword.sandbox.tables` does it."""
