"""Student's t against published tables."""

from __future__ import annotations

import pytest

from harness.analysis.stats.quantiles import incomplete_beta, student_t, two_sided_p


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(1, 12.7062047364), (5, 2.5705818366), (9, 2.2621571628), (29, 2.0452296421), (1000, 1.9623390808)],
)
def test_975_quantile_of_the_t_table(degrees: int, expected: float) -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, with more digits from R's qt().
    assert student_t(0.95, degrees) == pytest.approx(expected, abs=1e-9)


def test_p_and_quantile_are_inverse() -> None:
    for degrees in (1, 4, 17, 300):
        assert two_sided_p(student_t(0.9, degrees), degrees) == pytest.approx(0.1, abs=1e-12)


def test_incomplete_beta_of_the_uniform_case_is_the_identity() -> None:
    assert incomplete_beta(0.3, 1, 1) == pytest.approx(0.3, abs=1e-14)
    assert (incomplete_beta(0, 2, 3), incomplete_beta(1, 2, 3)) == (0.0, 1.0)
