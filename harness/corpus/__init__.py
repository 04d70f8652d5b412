"""Reference articles: reading by written rules, importing, lint. ``references/README.md`` has the file contract."""
