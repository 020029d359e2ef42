// <form data-keep="/address">: what somebody types is sent there after a pause, and when they leave the page, so that a lost
// page loses nothing. Without this script the form's own button keeps it.
"use strict";

for (const form of document.querySelectorAll("form[data-keep]")) {
  let pause = 0;
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(keep, 2000);
  });
  // It came back with something wrong: what is right is kept at once
  if ("unsaved" in form.dataset) keep();
  form.addEventListener("submit", () => { clearTimeout(pause); pause = 0; });

  async function keep() {
    pause = 0;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      if (!answer.ok || pause) return;
      form.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
      const told = form.querySelector("[data-kept]");
      if (told) told.textContent = told.dataset.kept;
    } catch {
      // The next pause tries again
    }
  }

  // A phone that puts the page away may never bring it back
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !pause) return;
    clearTimeout(pause);
    pause = 0;
    navigator.sendBeacon(form.dataset.keep, new FormData(form));
  });
}
