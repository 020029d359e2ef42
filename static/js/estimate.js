// The estimate: what the lines come to is asked of the server while one types, a line is added without leaving the
// page, and a line that is removed waits for its undoing until the estimate is saved.
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
  let answer;
  try {
    answer = await fetch(estimate.dataset.figures, {
      method: "POST",
      body: new FormData(estimate),
      headers: { Accept: "text/html" },
      credentials: "same-origin",
    });
  } catch {
    return;
  }
  if (turn !== asked || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("figures");
  const now = document.getElementById("figures");
  if (!next || !now) return;
  now.replaceWith(document.adoptNode(next));
  const amounts = new Map();
  for (const part of next.dataset.amounts.split(";")) {
    const [name, amount] = part.split("=");
    if (name) amounts.set(name, amount);
  }
  for (const line of lines.querySelectorAll("[data-line]")) {
    line.querySelector("[data-amount]").textContent = amounts.get(line.dataset.line) ?? "";
  }
}

function addLine() {
  const taken = [...lines.querySelectorAll("[data-line]")].map((line) => Number(line.dataset.line.split("-")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const copy = document.getElementById("blank-line").content.cloneNode(true);
  for (const one of copy.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", "data-line", "aria-describedby"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, value.replace("lines-0000", `lines-${number}`));
    }
  }
  const line = copy.querySelector("[data-line]");
  lines.append(copy);
  line.querySelector("select").focus();
}

if (estimate && lines) {
  estimate.addEventListener("input", later);
  estimate.addEventListener("change", later);
  estimate.addEventListener("click", (event) => {
    const deed = event.target.closest("button[name=deed]")?.value;
    if (deed === "add") {
      event.preventDefault();
      addLine();
    }
    if (deed === "recompute") {
      event.preventDefault();
      recompute();
    }
  });
  // Enter goes on to the next field; the estimate is saved by its button
  lines.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const fields = [...estimate.querySelectorAll("input:not([type=hidden]), select")];
    fields[fields.indexOf(event.target) + 1]?.focus();
  });
}
