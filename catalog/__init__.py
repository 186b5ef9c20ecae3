"""What can be chosen: units, institutions, programmes, offerings, sections, quotas, menus."""
