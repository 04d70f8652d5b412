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

/** Rows on which metrics disagree about A and B, with the metrics of either side, and what is clear in each. */
function disagreementsOf(data, a, b) {
  const rows = Array.from({ length: data.total }, (_, row) =>
    data.metrics.map((_metric, metric) => data.difference(metric, a, b, row)));
  const margins = data.metrics.map((_, metric) => clearMargin(rows.map((differences) => differences[metric])));
  const sides = new Map();
  rows.forEach((differences, row) => {
    const found = disagreement(differences, margins);
    if (found) sides.set(row, found);
  });
  return { margins, sides };
}

/** Which metrics prefer which system on a segment, and by how much. */
function disagreementText(t, data, a, b, row, sides) {
  const said = sides.map((metrics) => metrics.map((metric) => {
    const { title, digits } = data.metrics[metric];
    return `${scoreText(digits, Math.abs(data.difference(metric, a, b, row)))} ${title}`;
  }).join(", "));
  return fill(t.disagree, { a: said[0], b: said[1] });
}
