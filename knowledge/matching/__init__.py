"""Finding the earlier answer, the expert or the network that fits a question."""
