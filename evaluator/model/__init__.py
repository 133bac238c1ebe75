"""The domain: frozen types without input or output."""
