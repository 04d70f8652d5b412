// Searching texts: as written, as whole words or by a pattern, in all of them or in those of one field.

const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;
const UNSPACED = ["zh", "ja", "th", "lo", "km", "my", "bo"];

/** In lower case, and as long as before: places of hits are those of the text. */
function folded(text) {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (character) => {
    const one = character.toLowerCase();
    return one.length === character.length ? one : character;
  }).join("");
}

class Search {
  constructor(data) {
    this.data = data;
    this.joined = new Map();
    this.patterns = new Map();
  }

  /** What is looked for: `{problem}` where it is no pattern, `{test(row), find(text, which)}`, or null for nothing. */
  matcher({ q, how, in: field, a, b }) {
    if (!q.trim()) return null;
    const texts = this.textsOf(field, Number(a), Number(b));
    if (how === "regex") {
      try {
        const automaton = this.automaton(q);
        return { test: (row) => automaton.test(texts(row)), find: (text) => automaton.find(folded(text)) };
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        return { problem: error.message };
      }
    }
    const wanted = folded(q.trim());
    const find = (text, which) => this.places(folded(text), wanted, how === "word", which);
    if (how === "text") return { test: (row) => texts(row).includes(wanted), find };
    return {
      test: (row) => texts(row).includes(wanted) &&
        this.pieces(row, field, Number(a), Number(b)).some(([text, which]) => find(text, which).length > 0),
      find,
    };
  }

  automaton(source) {
    if (!this.patterns.has(source)) this.patterns = new Map([[source, new Automaton(source)]]);
    return this.patterns.get(source);
  }

  /** `[text, which]` of everything that a field of a row holds; `which` names its language. */
  pieces(row, field, a, b) {
    const [source, references, outputs] = this.data.texts[row];
    const target = (texts) => texts.filter((text) => text !== undefined).map((text) => [text, "target"]);
    switch (field) {
      case "source": return [[source, "source"]];
      case "reference": return target(references);
      case "a": return target([outputs[a]]);
      case "b": return target([outputs[b]]);
      case "output": return target(outputs);
      default: return [[source, "source"], ...target(references), ...target(outputs)];
    }
  }

  /** The texts of a field, folded, each row as one text with barriers; those of the last two fields are kept. */
  textsOf(field, a, b) {
    const key = field === "a" ? `a${a}` : field === "b" ? `a${b}` : field;
    if (!this.joined.has(key)) {
      if (this.joined.size > 1) this.joined.delete(this.joined.keys().next().value);
      this.joined.set(key, []);
    }
    const rows = this.joined.get(key);
    return (row) => (rows[row] ??= folded(this.pieces(row, field, a, b).map(([text]) => text).join(BARRIER)));
  }

  places(text, wanted, whole, which) {
    const found = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found.push([at, at + wanted.length]);
    }
    if (!whole || !found.length) return found;
    const tag = this.data.language(which).tag;
    const parts = UNSPACED.includes(tag.split("-")[0]) ? this.boundaries(text, tag) : (at) => {
      const [before, after] = [text.slice(0, at).match(/.$/su)?.[0] ?? "", text.slice(at).match(/^./su)?.[0] ?? ""];
      return !(WORD_CHARACTER.test(before) && WORD_CHARACTER.test(after));
    };
    return found.filter(([start, end]) => parts(start) && parts(end));
  }

  /** Where words begin and end in a script that does not set them apart. */
  boundaries(text, tag) {
    const places = new Set([0, text.length]);
    for (const [word, start] of wordsOf(text, tag)) places.add(start).add(start + word.length);
    return (at) => places.has(at);
  }
}

/** Hits as ranges of `appendRanges`. */
function hitRanges(matcher, text, which) {
  return matcher?.find ? matcher.find(text, which).map(([start, end]) => [start, end, "hit"]) : [];
}
