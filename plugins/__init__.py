"""The plugins that ship with cxrtk; like third-party plugins, they only use its public API."""
