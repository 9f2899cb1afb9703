"""The label list and the pages of a label, on the screen."""
