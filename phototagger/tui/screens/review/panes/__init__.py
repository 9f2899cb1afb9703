"""What stands beside the photos, and follows where one is."""
