"""The steps, as plain functions anyone can import; no terminal, no database."""
