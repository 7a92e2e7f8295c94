"""What carries events from a commit to the hubs: buses behind `core.ports.Bus`."""
