"""Who runs a pass: this process, several of this machine, or Ray. Batches and outputs are the same."""
