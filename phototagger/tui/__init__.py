"""The review: shows what the engine knows, posts what the person did."""
