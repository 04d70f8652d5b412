// Text from outside, made visible: what harness/reports/words/text.py does, for texts the explorer shows.

const CONTROLS = "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

// eslint-disable-next-line no-control-regex
const SUSPECT = /[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;

const TAKES_JOINER = /[\p{Lo}\p{Mn}\p{Mc}\p{So}\p{Sk}]/u;

function standIn(character) {
  const code = character.codePointAt(0);
  if (code < CONTROLS.length) return `⟨${CONTROLS[code]}⟩`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function takesJoiner(character) {
  return character === "\ufe0f" || (character.codePointAt(0) >= 0x600 && TAKES_JOINER.test(character));
}

/** Whether the zero-width joiner at `position` is spelling: between letters that join, or inside an emoji. */
function isSpelling(text, position) {
  const before = text.slice(0, position).match(/.$/su);
  const after = text.slice(position + 1).match(/^./su);
  return Boolean(before && after && takesJoiner(before[0]) && takesJoiner(after[0]));
}

/** `text` with stand-ins for hidden characters. */
function visibleText(text) {
  return text.replace(SUSPECT, (character, at) =>
    ((character === "\u200c" || character === "\u200d") && isSpelling(text, at) ? character : standIn(character)));
}

/** Append `text` to `parent`; stand-ins for hidden characters are marked. Text is only ever text. */
function appendVisible(parent, text) {
  let start = 0;
  for (const match of text.matchAll(SUSPECT)) {
    const at = match.index;
    if ((match[0] === "\u200c" || match[0] === "\u200d") && isSpelling(text, at)) continue;
    if (at > start) parent.append(text.slice(start, at));
    parent.append(el("span", { class: "hidden-char" }, standIn(match[0])));
    start = at + match[0].length;
  }
  if (start < text.length) parent.append(text.slice(start));
}

// From harmless to worst; a class that is not among them is least.
const WORSE = ["differs", "span-flag", "span-minor", "span-major", "span-critical", "hit"];

/** Ranges cut where any begins or ends: `[start, end, ranges over it, the worst first]`, in order, none overlapping. */
function cutRanges(ranges) {
  const waiting = ranges.filter(([start, end]) => end > start).sort((one, other) => one[0] - other[0]);
  const cuts = [...new Set(waiting.flatMap(([start, end]) => [start, end]))].sort((one, other) => one - other);
  const found = [];
  let next = 0;
  let over = [];
  cuts.slice(0, -1).forEach((start, place) => {
    over = over.filter(([, end]) => end > start);
    while (next < waiting.length && waiting[next][0] === start) over.push(waiting[next++]);
    const worst = [...over].sort((one, other) => WORSE.indexOf(other[2]) - WORSE.indexOf(one[2]));
    if (worst.length) found.push([start, cuts[place + 1], worst]);
  });
  return found;
}

/**
 * Append `text` with ranges set apart: `[start, end, class, title]` in UTF-16 units. Where several lie over each other
 * the worst gives the look, and the title names all.
 */
function appendRanges(parent, text, ranges) {
  let at = 0;
  for (const [start, end, over] of cutRanges(ranges)) {
    appendVisible(parent, text.slice(at, start));
    const title = over.map((range) => range[3]).filter(Boolean).join("; ");
    const mark = el("mark", title ? { class: over[0][2], title } : { class: over[0][2] });
    appendVisible(mark, text.slice(start, end));
    parent.append(mark);
    at = end;
  }
  appendVisible(parent, text.slice(at));
}

/** From offsets in characters, as Python counts them, to UTF-16 units. */
function unitOffsets(text) {
  const offsets = [];
  let at = 0;
  for (const character of text) {
    offsets.push(at);
    at += character.length;
  }
  offsets.push(at);
  return (index) => offsets[Math.max(0, Math.min(index, offsets.length - 1))];
}

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The same of a name, which may break behind its signs rather than inside its words. */
function appendName(parent, name) {
  name.split(/([_/:]+|\.(?=\p{L}))/u).forEach((part, place) => {
    appendVisible(parent, part);
    if (place % 2) parent.append(el("wbr"));
  });
}

function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
