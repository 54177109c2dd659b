"""One joint: its section, its cell, its condensed element, and the way back to its local fields."""
