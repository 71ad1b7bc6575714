"""Pain, disability and who was treated."""
