"""Materials: what they are, the library with its sources, and how a user's own are read."""
