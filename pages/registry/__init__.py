"""The registry itself: what is loaded into it, and how complete it is."""
