// Searches with a pattern in time that grows with the text alone, whatever the pattern: all ways through its graph are
// followed at once, and every set of them is worked out once and kept.

const BARRIER = "\uffff";
const MOST_STATES = 3000;
const MOST_STEPS = 300000;

const [LINE, LETTERS, OTHER] = [0, 1, 2];
const IS_LETTER = /[\p{L}\p{M}\p{N}_]/u;

/** What a place between two characters sees of one of them; "" is the beginning or the end of the text. */
function sideOf(character) {
  if (character === "" || character === "\n" || character === BARRIER) return LINE;
  return IS_LETTER.test(character) ? LETTERS : OTHER;
}

function isEdge(edge, before, after) {
  switch (edge) {
    case "^": return before === LINE;
    case "$": return after === LINE;
    case "b": return (before === LETTERS) !== (after === LETTERS);
    default: return (before === LETTERS) === (after === LETTERS);
  }
}

class Automaton {
  constructor(source) {
    this.first = new PatternReader(source).read();
    this.numbers = new Map();
    this.forget();
  }

  forget() {
    this.states = new Map();
  }

  /** Where a search stands: nodes that wait for the next character, and what was before it; `anywhere` begins again. */
  state(nodes, before, anywhere) {
    const numbers = nodes.map((node) => {
      if (!this.numbers.has(node)) this.numbers.set(node, this.numbers.size);
      return this.numbers.get(node);
    });
    const key = `${before}${anywhere ? "*" : ""}:${numbers.sort((one, other) => one - other).join(",")}`;
    let state = this.states.get(key);
    if (!state) {
      if (this.states.size > MOST_STATES) this.forget();
      state = { nodes, before, anywhere, ascii: new Array(128), others: new Map() };
      this.states.set(key, state);
    }
    return state;
  }

  begin(before, anywhere) {
    return this.state([this.first], sideOf(before), anywhere);
  }

  /** One character further, or to the end of the text with "": `{matched, state}`, matched before that character. */
  step(state, character) {
    const after = sideOf(character);
    const open = state.anywhere ? [...state.nodes, this.first] : [...state.nodes];
    const seen = new Set();
    const next = new Set();
    let matched = false;
    while (open.length) {
      const node = open.pop();
      if (seen.has(node)) continue;
      seen.add(node);
      if (node.end) matched = true;
      else if (node.fork) open.push(...node.fork);
      else if (node.edge) { if (isEdge(node.edge, state.before, after)) open.push(node.next); }
      else if (character !== "" && character !== BARRIER && node.test(character)) next.add(node.next);
    }
    return { matched, state: this.state([...next], after, state.anywhere) };
  }

  taken(state, text, at) {
    const code = text.charCodeAt(at);
    if (code < 128) return (state.ascii[code] ??= this.step(state, text[at]));
    const point = text.codePointAt(at);
    let found = state.others.get(point);
    if (!found) state.others.set(point, (found = this.step(state, String.fromCodePoint(point))));
    return found;
  }

  /** Whether the pattern is anywhere in a text; what a barrier parts is never one match. */
  test(text) {
    let state = this.begin("", true);
    for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) {
      const step = this.taken(state, text, at);
      if (step.matched) return true;
      state = step.state;
    }
    return this.step(state, "").matched;
  }

  /** Where the pattern is: `[start, end]` of the longest match at the first place, then at the next; none are empty. */
  find(text) {
    const found = [];
    let steps = 0;
    let before = "";
    for (let start = 0; start < text.length && steps < MOST_STEPS;) {
      let [at, end, state] = [start, -1, this.begin(before, false)];
      for (;;) {
        const step = at < text.length ? this.taken(state, text, at) : this.step(state, "");
        if (step.matched) end = at;
        steps += 1;
        if (at >= text.length || !step.state.nodes.length || steps >= MOST_STEPS) break;
        state = step.state;
        at += text.codePointAt(at) > 0xffff ? 2 : 1;
      }
      if (end > start) found.push([start, end]);
      const to = end > start ? end : start + (text.codePointAt(start) > 0xffff ? 2 : 1);
      before = String.fromCodePoint(text.codePointAt(to - (to > 1 && /[\udc00-\udfff]/.test(text[to - 1]) ? 2 : 1)));
      start = to;
    }
    return found;
  }
}
