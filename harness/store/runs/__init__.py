"""What one run found (:mod:`harness.store.runs.result`) and how it is kept (:mod:`harness.store.runs.directory`)."""
