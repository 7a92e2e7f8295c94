"""What is derived from the one definition: a module for each kind of document, each a pure function of the source."""
