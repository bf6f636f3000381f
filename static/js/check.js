// Whether a freeze request was issued here. The file is hashed in this browser; of the lookup the
// server sees one of 256 flat files, and the entry opens only with what the document says.
const WORDS = {
  issued: ["Issued", "This file was issued here, and counts."],
  superseded: ["Superseded", "It was issued, and no longer holds: a correction takes its place. Do not act on it."],
  revoked: ["Revoked", "It was issued, and was taken back. Do not act on it."],
  unknown: ["Unknown", "No such file was issued here under this reference. Check the reference, and that the file is exactly what you received."],
};
const TONES = { issued: "good", superseded: "warn", revoked: "bad", unknown: "bad" };
const NONCE = 12;

const bytes = (text) => new TextEncoder().encode(text);
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function digestOf(form) {
  const [file] = form.elements.file.files;
  if (file) return hex(await sha256(await file.arrayBuffer()));
  const typed = form.elements.digest.value.trim().toLowerCase();
  return /^[0-9a-f]{64}$/.test(typed) ? typed : null;
}

async function opened(entry, reference, digest) {
  const sealed = Uint8Array.from(atob(entry), (char) => char.charCodeAt(0));
  const raw = await sha256(bytes(`holdfast-check-key:${reference}${digest}`));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const options = { name: "AES-GCM", iv: sealed.slice(0, NONCE) };
  const text = await crypto.subtle.decrypt(options, key, sealed.slice(NONCE));
  return JSON.parse(new TextDecoder().decode(text));
}

async function ask(form, reference, digest) {
  const id = hex(await sha256(bytes(reference + digest)));
  const address = form.dataset.check.replace("00.json", `${id.slice(0, 2)}.json`);
  const answer = await fetch(address, { credentials: "omit" });
  if (answer.status === 404) return { state: "unknown" };
  if (!answer.ok) throw new Error(`This site answered ${answer.status}. Try again in a minute.`);
  const entry = (await answer.json()).entries[id];
  return entry ? opened(entry, reference, digest) : { state: "unknown" };
}

function show(told) {
  const part = document.querySelector("[data-check-said]");
  const [state, words] = WORDS[told.state] ?? WORDS.unknown;
  const heading = part.querySelector("[data-check-state]");
  heading.textContent = state;
  heading.className = `tag tag-${TONES[told.state] ?? "bad"}`;
  part.querySelector("[data-check-words]").textContent = words;
  const facts = part.querySelector("[data-check-facts]");
  facts.replaceChildren();
  const lines = [
    ["Issued", told.issued],
    ["Since", told.state === "issued" ? "" : told.since],
    ["Signed by", (told.parties ?? []).join(", ")],
  ];
  for (const [name, value] of lines.filter(([, value]) => value)) {
    const term = document.createElement("dt");
    const said = document.createElement("dd");
    term.textContent = name;
    said.textContent = value.replace("T", " ").replace(/Z$/, " UTC");
    facts.append(term, said);
  }
  part.hidden = false;
}

function refuse(words) {
  show({ state: "unknown" });
  document.querySelector("[data-check-state]").textContent = "Not checked";
  document.querySelector("[data-check-words]").textContent = words;
}

async function check(form) {
  const reference = form.elements.reference.value.trim().toUpperCase();
  const digest = await digestOf(form);
  if (!reference || !digest) {
    refuse("Give the reference, and the file or its SHA-256 (64 digits 0-9 and a-f).");
    return;
  }
  try {
    show(await ask(form, reference, digest));
  } catch (error) {
    refuse(error.message || "The answer could not be read. Try again.");
  }
}

for (const form of document.querySelectorAll("form[data-check]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(form);
  });
  form.querySelector("button").disabled = !globalThis.crypto?.subtle;
}
