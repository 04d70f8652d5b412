"""Whether a language model knows the references by heart: it is asked, and its answers are read."""
