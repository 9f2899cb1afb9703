"""What is changed of Textual's own ways."""
