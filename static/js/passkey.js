// Passkeys: the browser's own ceremony; its answer goes into the form's hidden field as JSON.
const REASONS = {
  NotAllowedError: "Nothing was done: the request was cancelled or took too long. Try again.",
  InvalidStateError: "This device holds a passkey of yours for this site already.",
  SecurityError: "The browser refused: this address is not the one that the site is set up for.",
};
const TOO_OLD = "This browser is too old for passkeys. Update it, or use another one.";

const CEREMONIES = {
  create: (json) =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json),
    }),
  get: (json) =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json),
    }),
};

function isSupported() {
  return Boolean(
    window.PublicKeyCredential?.parseCreationOptionsFromJSON &&
      PublicKeyCredential.parseRequestOptionsFromJSON &&
      PublicKeyCredential.prototype.toJSON,
  );
}

// Options are in the page, or, at sign-in, fetched on demand: each fetch starts a session.
async function optionsOf(form) {
  if (!form.dataset.options) {
    return JSON.parse(document.getElementById("passkey-options").textContent).publicKey;
  }
  const request = { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } };
  if (form.dataset.optionsBy === "POST") {
    // What is to be signed is drawn up by this; its digest goes along with the passkey's answer.
    request.method = "POST";
    request.body = new FormData(form);
  }
  const answer = await fetch(form.dataset.options, request);
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const told = isJson ? await answer.json() : {};
  if (!answer.ok || !told.request_options) {
    throw new Error(told.error ?? `The site answered ${answer.status}. Reload the page.`);
  }
  if (told.digest) form.elements.digest.value = told.digest;
  return told.request_options.publicKey;
}

function say(form, text) {
  const said = form.querySelector("[data-passkey-said]");
  said.textContent = text;
  said.hidden = !text;
}

async function use(form, button) {
  say(form, "");
  button.disabled = true;
  try {
    const credential = await CEREMONIES[form.dataset.passkey](await optionsOf(form));
    form.elements.credential.value = JSON.stringify(credential.toJSON());
  } catch (error) {
    say(form, REASONS[error.name] ?? error.message);
    button.disabled = false;
    return;
  }
  form.submit();
}

// The server renders the button disabled: a click before this script ran would post nothing.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!isSupported()) {
    say(form, TOO_OLD);
    continue;
  }
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(form, button);
  });
  button.disabled = false;
}
