"""Tag photos from the keyboard: CLIP suggests labels, a person decides, sidecars remember."""
