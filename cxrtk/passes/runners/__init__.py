"""Runners of a pass: this process, several processes of this machine, or Ray, with the same outputs."""
