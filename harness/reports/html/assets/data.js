// The texts and scores of one pair, unpacked from the page when they are needed.

async function unpack(script) {
  const binary = atob(script.textContent.trim());
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return new PairData(head, new Float64Array(buffer, 4 + length));
}

/** The head as `harness/reports/html/explorer.py` writes it, and what is asked of it; rows count from 0. */
class PairData {
  constructor(head, scores) {
    Object.assign(this, head);
    this.scores = scores;
    this.total = this.texts.length;
    this.articleOf = new Int32Array(this.total);
    this.starts = [];
    let start = 0;
    this.articles.forEach((article, index) => {
      this.starts.push(start);
      this.articleOf.fill(index, start, start + article.count);
      start += article.count;
    });
    this.byAnchor = new Map(this.articles.map((article, index) => [article.anchor, index]));
    this.byId = new Map(this.articles.map((article, index) => [article.id, index]));
    this.turnedRows = new Map(this.turned.map(([row, ...rest]) => [row, rest]));
    this.primary = Math.max(0, this.metrics.findIndex((metric) => metric.primary));
  }

  score(metric, system, row) {
    return this.scores[(metric * this.systems.length + system) * this.total + row] ?? NaN;
  }

  /** A against B, positive where A is better; NaN where either has no score. */
  difference(metric, a, b, row) {
    const difference = this.score(metric, a, row) - this.score(metric, b, row);
    return this.metrics[metric]?.arrow === "↓" ? -difference : difference;
  }

  /** How far the scores of all systems lie apart. */
  spread(metric, row) {
    let [low, high] = [Infinity, -Infinity];
    for (let system = 0; system < this.systems.length; system += 1) {
      const value = this.score(metric, system, row);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high - low;
  }

  number(row) {
    return row - this.starts[this.articleOf[row]] + 1;
  }

  /** As on the command line: `article:3`. */
  id(row) {
    return `${this.articles[this.articleOf[row]].id}:${this.number(row)}`;
  }

  /** As people read it: `Title · 3`. */
  title(row) {
    return `${this.article(row)} · ${this.number(row)}`;
  }

  /** The title of the article of a row. */
  article(row) {
    return this.articles[this.articleOf[row]].title;
  }

  /** The row of an id, or of an anchor with a dot before the number; -1 where there is none. */
  rowOf(name, articles = this.byId, mark = ":") {
    const cut = name.lastIndexOf(mark);
    const article = articles.get(name.slice(0, cut));
    const number = Number(name.slice(cut + 1));
    const known = article !== undefined && number >= 1 && number <= this.articles[article].count;
    return known && Number.isInteger(number) ? this.starts[article] + number - 1 : -1;
  }

  /** Whether a system gave a translation that can be compared. */
  translated(system, row) {
    return !this.states[system][row];
  }

  language(which) {
    return which === "source" ? this.source : this.target;
  }

  direction(row, which, place) {
    const expected = this.language(which).dir;
    const turned = this.turnedRows.get(row);
    const other = turned && (which === "source" ? turned[0] : turned[which === "reference" ? 1 : 2].includes(place));
    return other ? (expected === "ltr" ? "rtl" : "ltr") : expected;
  }
}
