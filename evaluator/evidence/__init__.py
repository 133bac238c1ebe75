"""From declared and measured evidence to criterion scores, and from selection to support. Pure."""
