"""The operators' console: its site, its looks, its start page and its search."""
