"""A package reduced to a few parameters: thousands of answers a second, each with a bound of its error."""
