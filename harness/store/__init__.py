"""The content-addressed cache: what was paid for once is never paid for again."""
