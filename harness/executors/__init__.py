"""Where the heavy work of metrics is done: behind one interface, in this process or on a cluster."""
