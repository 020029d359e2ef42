// <form data-live="/address" data-live-part="id">: as somebody types, the address is asked with the form's answers, and
// the part of that id in its page takes the place of the one here. Without this script the form's button does the same.
"use strict";

// The form's answers for an address: no token, and of a file only that there is one.
function answersOf(form) {
  const answers = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) {
      if (value.size) answers.set("has_file", "1");
    } else if (name !== "csrf_token") {
      answers.append(name, value);
    }
  }
  return answers;
}

for (const form of document.querySelectorAll("form[data-live]")) {
  let pause;
  let asked;
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(ask, 300);
  });

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.live}?${answersOf(form)}`, { signal: asked.signal, credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById(form.dataset.livePart);
      if (next) document.getElementById(form.dataset.livePart)?.replaceWith(document.adoptNode(next));
    } catch {
      // The button still works
    }
  }
}
