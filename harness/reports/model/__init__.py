"""What a page shows, as strings and cells, once for all formats."""
