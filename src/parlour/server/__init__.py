"""Everything that waits: sockets, requests, timers, threads."""
