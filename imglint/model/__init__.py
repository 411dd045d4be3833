"""What the inputs mean: values and questions about them, without I/O."""
