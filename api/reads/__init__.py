"""Every question the API asks for a caller; none can be asked without saying who may see what."""
