"""Every setting: what there is, what a value may be, and where values come from."""
