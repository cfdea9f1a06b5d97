"""What only a test server has: a memory of token requests, and tokens that die on demand."""
