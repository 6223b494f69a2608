"""Security checks: code that an untrusted config could run, and the allow-list."""
