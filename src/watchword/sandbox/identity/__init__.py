"""Who is calling: keys, devices, codes and sessions."""
