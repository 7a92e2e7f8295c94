"""What is run while Parlour is made: checks, derived files, vendored files, measurements. Never imported by the server."""
