"""The plugins that ship with cxrtk; they use nothing that a stranger could not."""
