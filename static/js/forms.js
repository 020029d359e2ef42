// Forms: the summary of errors is read first, nothing is sent twice, and typed text is not lost by a slip (data-guard).
"use strict";

document.querySelector("[data-focus]")?.focus();

// A form that came back, with what is wrong or to be looked at first, holds what nobody has kept
let unsaved = document.querySelector("form[data-unsaved]") !== null;

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) unsaved = true;
});

// The form was kept meanwhile (keep.js)
document.addEventListener("kept", () => { unsaved = false; });

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  unsaved = false;
  if (event.target.method !== "post") return;
  event.target.dataset.sent = "yes";
  // The answer may be a file, and the page stays
  setTimeout(() => { delete event.target.dataset.sent; }, 5000);
});

if (document.querySelector("form[data-guard]")) {
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

// Back to a page that the browser kept: its forms may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});

// A form that was only waiting for somebody to confirm who they are; without scripts they press its button.
document.querySelector("form[data-send-on]")?.requestSubmit();
