"""The only room where words are: messages, numbers, names."""
