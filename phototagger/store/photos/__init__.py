"""What is known of photos: where they are, what they show, which are one."""
