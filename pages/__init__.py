"""What people see: page scripts, charts and sentences."""
