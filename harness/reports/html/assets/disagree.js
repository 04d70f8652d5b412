// Where metrics disagree about two systems: one clearly prefers A, another clearly prefers B.

/** What counts as clear in one metric: the middle of its differences between A and B, those of nothing left out. */
function clearMargin(differences) {
  const sizes = differences.filter((gap) => Number.isFinite(gap) && gap !== 0).map(Math.abs).sort((x, y) => x - y);
  return sizes.length ? sizes[Math.floor((sizes.length - 1) / 2)] : Infinity;
}

/** The metrics that clearly prefer A and those that clearly prefer B, by place; null unless there are both. */
function disagreement(differences, margins) {
  const sides = [[], []];
  differences.forEach((gap, metric) => {
    if (Math.abs(gap) >= margins[metric]) sides[gap > 0 ? 0 : 1].push(metric);
  });
  return sides[0].length && sides[1].length ? sides : null;
}
