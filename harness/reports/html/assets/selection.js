// Which segments are shown, and in which order: rows are tried one after the other, and a long search makes pauses.

class Selection {
  constructor(data, state, search, notes, disagreements) {
    this.data = data;
    this.state = state;
    [this.metric, this.a, this.b] = [state.metric, state.a, state.b].map(Number);
    this.matcher = search.matcher(state);
    this.rows = [];
    const article = state.article === "" ? null : Number(state.article);
    this.next = article === null ? 0 : data.starts[article];
    this.end = article === null ? data.total : data.starts[article] + data.articles[article].count;
    this.tests = this.matcher?.problem ? [() => false] : this.build(notes, disagreements);
  }

  /** Go on until a time of `performance.now()`; whether all is done. */
  run(until = Infinity) {
    while (this.next < this.end) {
      const row = this.next;
      this.next += 1;
      if (this.tests.every((test) => test(row))) this.rows.push(row);
      if (row % 16 === 0 && performance.now() > until) return this.next >= this.end;
    }
    return true;
  }

  /** What a row has to pass, the dearest last. */
  build(notes, disagreements) {
    const { data, state, metric, a } = this;
    const tests = [];
    if (state.rows !== "") {
      const rows = new Set(state.rows.split(",").map(Number));
      tests.push((row) => rows.has(row));
    }
    if (state.slice !== "") {
      const { kind, place } = sliceOf(data, state.slice);
      tests.push((row) => kind.of[row] === place);
    }
    if (state.kind !== "" || state.system !== "") tests.push(this.flagged());
    if (state.show === "noted") tests.push((row) => notes.has(data.id(row)));
    if (state.show === "differ") tests.push((row) => data.texts[row][2][this.a] !== data.texts[row][2][this.b]);
    if (state.show === "disagree") {
      const { sides } = disagreements();
      tests.push((row) => sides.has(row));
    }
    const difference = (row) => data.difference(metric, a, this.b, row);
    if (state.show === "gain") tests.push((row) => difference(row) > 0);
    if (state.show === "loss") tests.push((row) => difference(row) < 0);
    if (state.show === "equal") tests.push((row) => difference(row) === 0);
    const least = Math.abs(Number(state.least));
    if (least) tests.push((row) => Math.abs(difference(row)) >= least);
    if (state.from !== "") tests.push((row) => data.score(metric, a, row) >= Number(state.from));
    if (state.to !== "") tests.push((row) => data.score(metric, a, row) <= Number(state.to));
    if (this.matcher) tests.push(this.matcher.test);
    return tests;
  }

  flagged() {
    const { kind, system } = this.state;
    const number = this.data.kinds.indexOf(kind);
    const systems = system === "" ? this.data.marks : [this.data.marks[Number(system)]];
    const any = kind === "" || kind === "any";
    return (row) => systems.some((marks) => marks[row] && (any || marks[row].includes(number)));
  }

  sorted() {
    const { data, metric, a, b } = this;
    const sign = data.metrics[metric]?.arrow === "↓" ? -1 : 1;
    const keys = {
      low: (row) => sign * data.score(metric, a, row),
      high: (row) => -sign * data.score(metric, a, row),
      loss: (row) => data.difference(metric, a, b, row),
      gain: (row) => -data.difference(metric, a, b, row),
      spread: (row) => -data.spread(metric, row),
    };
    const key = keys[this.state.sort];
    if (!key) return this.rows;
    const values = new Map(this.rows.map((row) => [row, key(row)]));
    const rank = (row) => (Number.isFinite(values.get(row)) ? values.get(row) : Infinity);
    return this.rows.sort((one, other) => {
      const [x, y] = [rank(one), rank(other)];
      return x === y ? one - other : x - y;
    });
  }
}
