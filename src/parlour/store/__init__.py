"""Where records live: engines behind `core.ports.Store`."""
