"""What any long command needs of its process: signals, errors as one line, locks, facts on the machine."""
