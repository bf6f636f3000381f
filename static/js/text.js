// Text from chains, desks and parties is hostile: what cannot be seen is written out.
// The same rule as incidents/display/text.py.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu;
const PILED = /(\p{M}{2})(\p{M}+)/gu;

function code(char) {
  return `[U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

export function visible(text, { lines = false } = {}) {
  return String(text)
    .replace(PILED, (_, kept, piled) => kept + [...piled].map(code).join(""))
    .replace(UNSEEN, (char) => (lines && char === "\n" ? char : code(char)));
}
