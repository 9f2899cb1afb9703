"""The photos of a library, by columns, with what is known of them."""
