// Regular expressions as a graph of nodes, for `automaton.js`. The browser says whether a pattern is one at all; what
// needs backtracking (backreferences, lookaround) is refused, because it could keep the page busy for ever.

const MOST_NODES = 2000;

class PatternError extends Error {}

const LETTER = "\\p{L}\\p{M}\\p{N}_";

/** Nodes are `{test, next}`, `{fork: [node, …]}`, `{edge, next}` (a place between characters) or the end, `{end}`. */
class PatternReader {
  constructor(source) {
    try {
      RegExp(source, "iu");
    } catch {
      throw new PatternError("bad");
    }
    this.source = source;
    this.at = 0;
    this.nodes = 0;
  }

  /** The first node. */
  read() {
    return this.alternatives()({ end: true });
  }

  node(node) {
    this.nodes += 1;
    if (this.nodes > MOST_NODES) throw new PatternError("large");
    return node;
  }

  // Every part is a function from the node behind it to its own first node, so that it can be repeated.

  alternatives() {
    const options = [this.sequence()];
    while (this.source[this.at] === "|") {
      this.at += 1;
      options.push(this.sequence());
    }
    return (next) => (options.length === 1 ? options[0](next) : this.node({ fork: options.map((part) => part(next)) }));
  }

  sequence() {
    const parts = [];
    while (this.at < this.source.length && !"|)".includes(this.source[this.at])) parts.push(this.repeated(this.atom()));
    return (next) => parts.reduceRight((behind, part) => part(behind), next);
  }

  repeated(part) {
    const match = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.source.slice(this.at));
    if (!match) return part;
    this.at += match[0].length;
    const [low, high] = match[1]
      ? { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[match[1]]
      : [Number(match[2]), match[3] ? (match[4] ? Number(match[4]) : Infinity) : Number(match[2])];
    if (low > MOST_NODES || (high !== Infinity && high > MOST_NODES)) throw new PatternError("large");
    return (next) => {
      let first = next;
      if (high === Infinity) {
        const loop = this.node({ fork: [] });
        loop.fork = [part(loop), next];
        first = loop;
      } else for (let times = low; times < high; times += 1) first = this.node({ fork: [part(first), next] });
      for (let times = 0; times < low; times += 1) first = part(first);
      return first;
    };
  }

  atom() {
    const rest = this.source.slice(this.at);
    if (rest[0] === "(") return this.group(rest);
    if (rest[0] === "[") return this.set(/^\[(?:\\[^]|[^\]\\])*\]/.exec(rest)[0]);
    if (rest[0] === "\\") return this.escape(rest);
    if (rest[0] === "^" || rest[0] === "$") return this.edge(rest[0], rest[0]);
    const character = String.fromCodePoint(rest.codePointAt(0));
    return this.set(character, character === "." ? "." : character.replace(/[/\]}{]/, "\\$&"));
  }

  group(rest) {
    const open = /^\((?:\?:|\?<[^=!][^>]*>|(?!\?))/.exec(rest);
    if (!open) throw new PatternError("unsupported");
    this.at += open[0].length;
    const inner = this.alternatives();
    this.at += 1;
    return inner;
  }

  escape(rest) {
    if (/^\\[1-9k]/.test(rest)) throw new PatternError("unsupported");
    if (/^\\[bB]/.test(rest)) return this.edge(rest.slice(0, 2), rest[1]);
    const whole = /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[Dd][89ABab]..\\u[Dd][C-Fc-f]..|u.{4}|x..|c.|[^])/.exec(rest)[0];
    return this.set(whole, { "\\w": `[${LETTER}]`, "\\W": `[^${LETTER}]` }[whole] ?? whole);
  }

  edge(written, edge) {
    this.at += written.length;
    return (next) => this.node({ edge, next });
  }

  /** One character that the browser's own expression for one character takes. */
  set(written, source = written.replace(/\\w/g, LETTER)) {
    this.at += written.length;
    const one = new RegExp(`^(?:${source})$`, "iu");
    return (next) => this.node({ test: (character) => one.test(character), next });
  }
}
