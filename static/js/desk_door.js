// The door of a desk's page. The link's secret is in the fragment, which no request carries; it
// leaves this tab only when somebody presses a button, and then in a request's body.
const secret = location.hash.slice(1);
const here = document.querySelector("[data-door]");
const find = (name) => here.querySelector(`[${name}]`);

if (secret) {
  for (const step of here.querySelectorAll("[data-step]")) step.hidden = false;
} else {
  find("data-no-secret").hidden = false;
}

async function post(path, said) {
  find("data-busy").hidden = false;
  try {
    const answer = await fetch(new URL(path, location.href.split("#")[0]), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, ...said }),
      credentials: "same-origin",
    });
    return await answer.json();
  } catch {
    return { error: "Nobody answered. Try again in a moment." };
  } finally {
    find("data-busy").hidden = true;
  }
}

function fail(words) {
  const place = find("data-error");
  place.textContent = words;
  place.hidden = false;
}

async function ask(byKey) {
  const said = await post("ask/", { by_key: byKey });
  if (said.error || !said.word) {
    fail(said.error ?? "Nobody answered. Try again in a moment.");
    return;
  }
  find("data-word-text").textContent = said.word;
  find("data-word").hidden = false;
  find("data-sealed").hidden = !said.sealed;
  find("data-sealed-text").value = said.sealed ?? "";
  find("data-no-key").hidden = !byKey;
  here.querySelector("#code").focus();
}

find("data-ask").addEventListener("click", () => ask(false));
find("data-ask-key").addEventListener("click", () => ask(true));
find("data-open").addEventListener("submit", async (event) => {
  event.preventDefault();
  find("data-error").hidden = true;
  const said = await post("open/", { code: here.querySelector("#code").value });
  if (said.open) {
    // Not kept in the history: going back must not bring the secret.
    location.replace(new URL("request/", location.href.split("#")[0]));
    return;
  }
  fail(said.error ?? "This did not open.");
});
