"""What pages show, a view a module: headings, charts and tables of one answer."""
