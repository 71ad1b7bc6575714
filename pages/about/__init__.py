"""What each number is and how it is made."""
