// Behind the code: asks of the chain what each account holds at this moment, one after another, and
// fetches encrypted codes. Everything that comes back is set as text.
import { make } from "./entry.js";

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

async function post(path) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    credentials: "same-origin",
  });
  return answer.json();
}

function moment(iso) {
  return `${new Date(iso).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function told(said, unit) {
  if (said.silent) return [make("b", { class: "desk-silent" }, "Not known: "), said.silent];
  const word = said.is_empty ? "Nothing is left" : said.is_enough ? "Still there" : "Less is left";
  const tone = said.is_empty ? "bad" : said.is_enough ? "go" : "wait";
  const by =
    said.quorum > 1
      ? `${said.operators} of ${said.quorum} operators needed agree`
      : "one operator's word";
  return [
    make("span", { class: `state state-${tone}` }, word),
    " ",
    make("b", { class: "amount" }, said.amount),
    ` ${unit} `,
    make("span", { class: "muted" }, `at block ${said.block}, ${moment(said.at)}; ${by}`),
  ];
}

async function look(place) {
  place.replaceChildren(make("span", { class: "muted" }, "Asking the chain …"));
  try {
    place.replaceChildren(...told(await post(place.dataset.there), place.dataset.unit));
  } catch {
    place.replaceChildren(make("b", { class: "desk-silent" }, "Not known: "), "nobody answered.");
  }
}

for (const button of document.querySelectorAll("[data-look-again]")) {
  button.addEventListener("click", () =>
    look(button.closest("[data-asked]").querySelector("[data-there]")),
  );
}

const sealing = document.querySelector("[data-seal]");
sealing?.addEventListener("click", async () => {
  const place = document.querySelector("[data-sealed]");
  try {
    const said = await post(sealing.dataset.seal);
    place.querySelector("textarea").value =
      said.sealed || "No code could be encrypted. Ask to be called back.";
  } catch {
    place.querySelector("textarea").value = "Nobody answered. Try again in a moment.";
  }
  place.hidden = false;
});

for (const place of document.querySelectorAll("[data-there]")) await look(place);
