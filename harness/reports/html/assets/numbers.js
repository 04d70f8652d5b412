// Scores as people read them: the rules of harness/reports/words/numbers.py, to the digit.

/** Round as Python does: exactly, and exact halves to the even digit. */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 60));
  const cut = exact.indexOf(".") + 1 + digits;
  if (!/^50*$/.test(exact.slice(cut)) || Number(text[text.length - 1]) % 2 === 0) return text;
  const down = exact.slice(0, cut).replace(/\.$/, "");
  return value < 0 ? `-${down}` : down;
}

function threeDigits(value) {
  const size = Math.abs(value);
  if (size >= 100) return fixed(value, 0);
  if (size === 0) return "0.00";
  if (size < 1e-4) return value.toExponential(2).replace(/e-(\d)$/, "e-0$1");
  const digits = 2 - Number(size.toExponential(15).split("e")[1]);
  const text = fixed(value, digits);
  return text.replace(/^-?0?\.?0*|\./g, "").length > 3 ? fixed(value, digits - 1) : text;
}

function rounded(digits, value, finer) {
  return digits === "significant" ? threeDigits(value) : fixed(value, digits + finer);
}

function scoreText(digits, value) {
  const text = rounded(digits, value, 0);
  return text.replace(/^-/, Number(text) === 0 ? "" : "−");
}

/** A difference: one digit more where it would read as nothing, and a true minus sign. */
function differenceText(digits, value) {
  let text = scoreText(digits, Math.abs(value));
  if (value && Number(text) === 0) text = rounded(digits, Math.abs(value), 1);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}
