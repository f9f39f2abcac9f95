"""What is measured, with real work and a peer in the same run."""
