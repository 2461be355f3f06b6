"""Results to displays, layouts, pages and figures."""
