// <div data-keys>…<table>…: j or ↓ leads to the next row, k or ↑ to the one before; Enter opens it, as for any link that
// has the focus. A letter that a button of that row names (data-key) presses the button. Outside tables, a button with
// data-key inside data-keys is pressed by its letter as long as nothing else has the focus. Without this script: Tab.
"use strict";

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function rowsOf(part) {
  return [...part.querySelectorAll("tbody tr")].filter((row) => row.querySelector("th a"));
}

function move(part, step) {
  const rows = rowsOf(part);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step];
  if (!next) return;
  next.querySelector("th a").focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat && !(event.key in STEPS)) return;
  if (event.target.closest("input, textarea, select, [contenteditable], details[open]")) return;
  const part = document.querySelector("[data-keys]");
  if (!part) return;
  const here = document.activeElement;
  const row = part.contains(here) ? here.closest("tbody tr") : null;
  const isFree = here === document.body || here === null || here.id === "main";
  if (event.key in STEPS) {
    // An arrow goes on scrolling the page until somebody has entered the list.
    if (!row && (event.key.startsWith("Arrow") || !isFree)) return;
    if (!rowsOf(part).length) return;
    event.preventDefault();
    move(part, STEPS[event.key]);
    return;
  }
  if (!row && !isFree) return;
  const button = [...(row ?? part).querySelectorAll("[data-key]")]
    .find((one) => one.dataset.key === event.key && (row || !one.closest("tbody")));
  if (!button) return;
  event.preventDefault();
  button.focus();
  button.click();
});
