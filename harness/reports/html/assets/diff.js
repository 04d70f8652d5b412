// Words that two texts do not share: the longest common subsequence of their words, in any script.

const MOST_CELLS = 4e6;

const segmenters = new Map();

/** `[text, start]` of every word and sign; what is between them is left out. */
function wordsOf(text, language) {
  if (typeof Intl.Segmenter !== "function") {
    return Array.from(text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\s]/gu), (match) => [match[0], match.index]);
  }
  if (!segmenters.has(language)) segmenters.set(language, new Intl.Segmenter(language, { granularity: "word" }));
  const found = [];
  for (const piece of segmenters.get(language).segment(text)) {
    if (piece.segment.trim()) found.push([piece.segment, piece.index]);
  }
  return found;
}

/** Ranges of either text that are not in the other: `[rangesOfA, rangesOfB]`; null where the texts are too long. */
function wordDifference(a, b, language) {
  if (a.length > 20000 || b.length > 20000) return null;
  const one = wordsOf(a, language);
  const other = wordsOf(b, language);
  let start = 0;
  while (start < one.length && start < other.length && one[start][0] === other[start][0]) start += 1;
  let endA = one.length;
  let endB = other.length;
  while (endA > start && endB > start && one[endA - 1][0] === other[endB - 1][0]) {
    endA -= 1;
    endB -= 1;
  }
  const height = endA - start;
  const width = endB - start;
  if (height * width > MOST_CELLS) return null;
  const table = new Uint16Array((height + 1) * (width + 1));
  for (let i = height - 1; i >= 0; i -= 1) {
    for (let j = width - 1; j >= 0; j -= 1) {
      const at = i * (width + 1) + j;
      table[at] = one[start + i][0] === other[start + j][0]
        ? table[at + width + 2] + 1
        : Math.max(table[at + width + 1], table[at + 1]);
    }
  }
  const onlyA = [];
  const onlyB = [];
  let i = 0;
  let j = 0;
  while (i < height || j < width) {
    if (i < height && j < width && one[start + i][0] === other[start + j][0]) {
      i += 1;
      j += 1;
    } else if (j >= width || (i < height && table[(i + 1) * (width + 1) + j] >= table[i * (width + 1) + j + 1])) {
      onlyA.push(one[start + i]);
      i += 1;
    } else {
      onlyB.push(other[start + j]);
      j += 1;
    }
  }
  return [joinRanges(a, onlyA), joinRanges(b, onlyB)];
}

/** Words that stand side by side become one range. */
function joinRanges(text, words) {
  const ranges = [];
  for (const [word, at] of words) {
    const last = ranges[ranges.length - 1];
    if (last && text.slice(last[1], at).trim() === "") last[1] = at + word.length;
    else ranges.push([at, at + word.length, "differs"]);
  }
  return ranges;
}
