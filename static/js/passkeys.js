// <form data-passkey="sign_in" data-passkey-options="/…">: its button asks the device for a passkey, puts the answer into
// the field "credential", and sends the form. Where the browser knows no passkeys the form stays hidden.
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server sends and gets is JSON, in which bytes are base64url (WebAuthn level 3, section 5.1)
function readOptions(options) {
  const described = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = described(options.allowCredentials);
  return read;
}

function writeAnswer(credential) {
  const given = credential.response;
  const response = { clientDataJSON: toText(given.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[part]) response[part] = toText(given[part]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response,
  });
}

async function ask(form) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(form.dataset.passkeyOptions, {
    method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" }, credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const publicKey = readOptions(await answer.json());
  const isNew = form.dataset.passkey === "enrolment";
  const credential = isNew ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  return writeAnswer(credential);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("p.error");
    const button = form.querySelector("button");
    problem.hidden = true;
    button.disabled = true;
    try {
      form.elements.credential.value = await ask(form);
      form.submit();
    } catch {
      problem.textContent = form.dataset.passkeyProblem;
      problem.hidden = false;
      button.disabled = false;
    }
  });
}
