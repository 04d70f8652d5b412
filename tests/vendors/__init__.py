"""Services as their documentation describes them (not recorded), one module each; ``VENDOR`` is what the tests use."""
