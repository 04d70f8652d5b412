"""The user's folder and its settings, and what every room needs to read them."""
