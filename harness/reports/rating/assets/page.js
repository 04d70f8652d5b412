"use strict";
/* One segment at a time. Every score is sent when it is given; the server writes it before it answers. */
(() => {
  const get = (id) => document.getElementById(id);
  const state = { items: [], words: {}, at: 0, waiting: new Map(), sending: false, more: false };

  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  const isRated = (item) => Object.keys(item.texts).every((letter) => letter in item.scores);

  const isOver = (item) => isRated(item) || item.skipped;

  async function send() {
    if (state.sending) return;
    state.sending = true;
    try {
      for (const [key, answer] of [...state.waiting]) {
        const response = await fetch("answers", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(answer),
        });
        if (!response.ok) throw new Error(await response.text());
        if (state.waiting.get(key) === answer) state.waiting.delete(key);
      }
      get("problem").textContent = "";
      get("saved").textContent = state.waiting.size ? "" : state.words.saved;
    } catch (error) {
      get("saved").textContent = "";
      get("problem").textContent = state.words.not_saved;
    }
    state.sending = false;
    controls();
  }

  function rate(letter, score) {
    const item = state.items[state.at];
    item.scores[letter] = score;
    const answer = { item: state.at, letter, score };
    state.waiting.set(`${state.at} ${letter}`, answer);
    get("saved").textContent = "";
    controls();
    send().then(() => { if (state.waiting.size && !get("problem").textContent) send(); });
  }

  function text(letter, content, item) {
    const entry = document.createElement("li");
    entry.className = letter in item.scores ? "text" : "text open";
    const shown = document.createElement("p");
    shown.dir = "auto";
    shown.lang = item.language;
    shown.textContent = content || state.words.empty;
    const slider = document.createElement("input");
    const number = document.createElement("input");
    slider.type = "range";
    number.type = "number";
    for (const input of [slider, number]) {
      input.min = "0";
      input.max = "100";
      input.step = "1";
    }
    slider.setAttribute("aria-label", fill(state.words.slider, { letter }));
    number.setAttribute("aria-label", fill(state.words.number, { letter }));
    slider.value = letter in item.scores ? item.scores[letter] : 50;
    if (letter in item.scores) number.value = item.scores[letter];
    const give = (value) => {
      const score = Math.round(Number(value));
      if (value === "" || !(score >= 0 && score <= 100)) {
        number.value = letter in item.scores ? item.scores[letter] : "";
        return;
      }
      slider.value = score;
      number.value = score;
      entry.classList.remove("open");
      rate(letter, score);
    };
    slider.addEventListener("input", () => { number.value = slider.value; });
    slider.addEventListener("change", () => give(slider.value));
    slider.addEventListener("click", () => { if (!(letter in item.scores)) give(slider.value); });
    number.addEventListener("change", () => give(number.value));
    const scale = document.createElement("div");
    scale.append(slider, number);
    entry.append(shown, scale);
    return entry;
  }

  function controls() {
    const item = state.items[state.at];
    const done = state.items.filter(isOver).length;
    const total = state.items.length;
    get("progress").textContent = fill(state.words.progress, { done, total });
    get("bar").max = Math.max(total, 1);
    get("bar").value = done;
    get("back").disabled = state.at === 0;
    get("next").disabled = !item || state.waiting.size > 0 || !isRated(item);
    get("skip").disabled = !item || isRated(item);
  }

  function show() {
    const item = state.items[state.at];
    get("segment").hidden = !item;
    get("done").hidden = Boolean(item);
    get("done").textContent = state.more ? state.words.more : state.words.done;
    get("how").open = state.at === 0;
    if (item) {
      get("title").textContent = fill(state.words.segment, {
        title: item.title, number: state.at + 1, total: state.items.length,
      });
      for (const part of ["before", "source", "after"]) get(part).textContent = item[part];
      get("texts").replaceChildren(
        ...Object.entries(item.texts).map(([letter, content]) => text(letter, content, item)),
      );
    }
    controls();
    window.scrollTo(0, 0);
  }

  function move(to) {
    state.at = Math.min(Math.max(to, 0), state.items.length);
    get("saved").textContent = "";
    show();
  }

  async function ask() {
    const response = await fetch("task.json");
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  /* What is there keeps its number: new segments come after it. */
  async function hasMore() {
    const task = await ask();
    const grown = task.items.length > state.items.length;
    state.items.push(...task.items.slice(state.items.length));
    if (grown || task.more !== state.more) {
      state.more = task.more;
      show();
    }
  }

  async function start() {
    const task = await ask();
    state.words = task.words;
    state.items = task.items;
    state.more = task.more;
    document.title = task.words.heading;
    get("heading").textContent = task.words.heading;
    get("how").querySelector("summary").textContent = task.words.how;
    get("how").querySelector("ul").replaceChildren(...task.words.scale.map((line) => {
      const entry = document.createElement("li");
      entry.textContent = line;
      return entry;
    }));
    for (const name of ["back", "skip", "next"]) get(name).textContent = task.words[name];
    get("back").addEventListener("click", () => move(state.at - 1));
    get("next").addEventListener("click", () => move(state.at + 1));
    get("skip").addEventListener("click", () => {
      state.items[state.at].skipped = true;
      move(state.at + 1);
    });
    window.addEventListener("online", send);
    setInterval(() => {
      if (state.waiting.size) send();
      else if (state.more && state.at === state.items.length) hasMore().catch(() => {});
    }, 3000);
    const open = state.items.findIndex((item) => !isOver(item));
    move(open < 0 ? state.items.length : open);
  }

  start().catch((error) => { get("problem").textContent = String(error.message || error); });
})();
