"""Approved labels → XMP sidecars, through exiftool."""
