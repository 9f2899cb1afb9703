"""Deciding by label, without a screen: the list of labels, and the pages of one."""
