"""What is run while Parlour is made: checks, derived files, vendored files, measures. The server imports none of it."""
