"""Metrics that run in an environment of their own, beside the harness's.

A learned metric often pins packages that exclude those of the harness or of another metric. Such a metric declares what
it needs as a :class:`~harness.metrics.isolated.recipe.Recipe`; ``harness metrics add NAME`` makes the environment from
it, and a worker in it answers questions over a pipe. The harness imports none of its packages.

::

    recipe ─▶ install ─▶ environment (a folder, with a note of what is in it)
                             │
    metric ─▶ scorer ─▶ process ◀─ JSON lines ─▶ workers/serve.py ─▶ workers/metricx.py ...
"""
