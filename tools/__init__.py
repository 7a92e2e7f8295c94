"""What is run while Parlour is made: checks, derived and vendored files, measurements. The server imports none of it."""
