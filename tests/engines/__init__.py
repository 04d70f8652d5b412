import pytest

# An assertion that fails in these shows its values, as one in a test file does.
pytest.register_assert_rewrite("tests.engines.remote", "tests.engines.chat_vendors")
