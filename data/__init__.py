"""What is true: schema, codebook, validation, import and the example registry."""
