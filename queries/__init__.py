"""What is asked: one module per clinical question, one SQL file of the same stem."""
