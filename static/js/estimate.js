// The estimate: what the lines come to is asked of the server while one types, lines and milestones are added without
// leaving the page, and a line that is removed waits for its undoing until the estimate is saved.
"use strict";

const estimate = document.getElementById("estimate");
const lines = estimate?.querySelector("[data-lines]");
let asked = 0;
let pause = 0;

function later() {
  clearTimeout(pause);
  pause = setTimeout(recompute, 350);
}

async function recompute() {
  const turn = ++asked;
  let next = null;
  try {
    const answer = await fetch(estimate.dataset.figures, {
      method: "POST",
      body: new FormData(estimate),
      headers: { Accept: "text/html" },
      credentials: "same-origin",
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && !answer.redirected) next = page.getElementById("figures");
  } catch { /* No answer is told like a wrong one */ }
  if (turn !== asked) return;
  document.getElementById("figures-behind").hidden = next !== null;
  if (next) show(next);
}

function show(next) {
  document.getElementById("figures").replaceWith(document.adoptNode(next));
  estimate.querySelector("[data-total]").textContent = next.dataset.total;
  const amounts = new Map();
  for (const part of next.dataset.amounts.split(";")) {
    const [name, amount] = part.split("=");
    if (name) amounts.set(name, amount);
  }
  for (const line of lines.querySelectorAll("[data-line]")) {
    line.querySelector("[data-amount]").textContent = amounts.get(line.dataset.line) ?? "";
  }
  for (const [line, filled] of Object.entries(JSON.parse(next.dataset.filled))) fill(line, filled);
  const held = JSON.parse(next.dataset.heldLines);
  for (const line of lines.querySelectorAll("[data-line]")) hold(line, held[line.dataset.line]);
}

// What costs what the price list says: the price as the server has it, why nobody types it, and the way to the present one
function hold(line, held) {
  const field = (name) => estimate.elements[`${line.dataset.line}-${name}`];
  const price = field("unit_price");
  const charged = field("recurring");
  const note = line.querySelector("[data-held]");
  price.readOnly = Boolean(held);
  for (const option of charged.options) option.disabled = Boolean(held) && option.value !== held.recurring;
  note.hidden = !held;
  if (!held) {
    price.removeAttribute("aria-describedby");
    return;
  }
  for (const [one, value] of [[price, held.unit_price], [charged, held.recurring]]) {
    one.value = one.dataset.filled = value;
    one.closest(".field").classList.remove("wrong");
    one.closest(".field").querySelector(".error")?.remove();
    one.removeAttribute("aria-invalid");
  }
  const words = note.querySelector("[data-held-words]");
  words.textContent = held.words;
  price.setAttribute("aria-describedby", words.id);
  note.querySelector("[data-held-take]").hidden = !held.may_take;
  if (!held.may_take) field("at_list").checked = false;
}

// What the price list and the firm's card know of a line, in the fields that were left open
function fill(line, filled) {
  for (const [name, value] of Object.entries(filled)) {
    const field = estimate.elements[`${line}-${name}`];
    if (!field || field === document.activeElement) continue;
    if (field.tagName !== "SELECT" && field.value) continue;
    field.value = value;
    field.dataset.filled = value;
  }
}

// Another thing in the same line: what the page filled in goes with the old one, what somebody typed stays
function empty(line, which = "") {
  for (const field of line.querySelectorAll(`[data-filled]${which}`)) {
    if (field.value === field.dataset.filled) {
      if (field.tagName === "SELECT") field.selectedIndex = 0;
      else field.value = "";
    }
    delete field.dataset.filled;
  }
}

function addPart(list, blank, key) {
  const taken = [...list.querySelectorAll(`[data-${key}]`)].map((part) => Number(part.dataset[key].split("-")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const copy = document.getElementById(blank).content.cloneNode(true);
  for (const one of copy.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", `data-${key}`, "aria-describedby"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, value.replace(`${key}s-0000`, `${key}s-${number}`));
    }
  }
  const part = copy.querySelector(`[data-${key}]`);
  for (const affix of part.querySelectorAll(".affix > span")) affix.textContent = estimate.elements.currency.value;
  list.append(copy);
  part.querySelector("select, input").focus();
}

if (estimate && lines) {
  estimate.addEventListener("input", later);
  estimate.addEventListener("change", (event) => {
    const line = event.target.closest("[data-line]");
    if (line && event.target.name === `${line.dataset.line}-item`) empty(line);
    if (event.target.name === "currency") {
      for (const affix of estimate.querySelectorAll(".affix > span")) affix.textContent = event.target.value;
      // A price of the list or of the firm's card says nothing of another currency
      for (const one of lines.querySelectorAll("[data-line]")) empty(one, '[name$="-unit_price"]');
    }
    later();
  });
  estimate.addEventListener("click", (event) => {
    const deed = event.target.closest("button[name=deed]")?.value;
    if (deed === "add") addPart(lines, "blank-line", "line");
    else if (deed === "add-milestone") addPart(estimate.querySelector("[data-milestones]"), "blank-milestone", "milestone");
    else if (deed === "recompute") recompute();
    else return;
    event.preventDefault();
  });
  // Enter goes on to the next field; the estimate is saved by its button
  lines.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const fields = [...estimate.querySelectorAll("input:not([type=hidden]), select")];
    fields[fields.indexOf(event.target) + 1]?.focus();
  });
}
