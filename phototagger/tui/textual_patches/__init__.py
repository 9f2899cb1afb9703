"""What is changed of Textual's own ways; ``guards`` says which patch this Textual can take."""
