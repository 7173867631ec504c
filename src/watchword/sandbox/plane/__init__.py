"""Everything that is not identity: moto, behind one adapter."""
