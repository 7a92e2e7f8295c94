"""`./run bench`: what the server does on one core, beside a reference in C."""
