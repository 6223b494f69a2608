"""The plugins that ship with cxrtk; they use its public API only, as third-party plugins do."""
