// <input data-suggest="/address" list="id">: as somebody types, the address is asked for names that fit, and the list of
// that id offers them. Without this script the form asks which one is meant when it is sent.
"use strict";

for (const field of document.querySelectorAll("input[data-suggest]")) {
  let pause;
  let asked;
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(ask, 200);
  });

  async function ask() {
    const words = field.value.trim();
    // One of those offered was chosen
    if (!words || [...field.list.options].some((option) => option.value === words)) return;
    asked?.abort();
    asked = new AbortController();
    const address = new URL(field.dataset.suggest, location);
    address.searchParams.set("q", words);
    try {
      const answer = await fetch(address, { signal: asked.signal, credentials: "same-origin" });
      if (!answer.ok) return;
      const options = (await answer.json()).map((one) => new Option(one.note, one.words));
      field.list.replaceChildren(...options);
    } catch {
      // The form asks by itself
    }
  }
}
