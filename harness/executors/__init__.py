"""Where the heavy work is done: in this process (``local``), or on a cluster (``ray``). The numbers are the same."""
