"""Can a mask be trusted? Signs of failure, the flag made of them, and the fit of both to a model."""
