"""What `cxrtk doctor` looks at: one module a section, each with `examine`, which yields findings."""
