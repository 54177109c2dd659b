"""The resolved array in three dimensions: its mesh, its models, and what is read from their fields."""
