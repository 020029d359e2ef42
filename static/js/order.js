// Putting things in order: each item gets two buttons that move it, for fingers, mouse and keyboard alike.
// Without this script every item has a list of places beside it; with it those lists are filled in by moving.
"use strict";

for (const group of document.querySelectorAll("[data-order]")) {
  const list = group.querySelector("ol");
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("aria-live", "polite");
  group.append(told);
  group.querySelector(".hint").hidden = true;

  const words = (item) => item.querySelector("label").textContent.trim();

  function button(item, sign, text, step) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-plain";
    made.textContent = sign;
    made.setAttribute("aria-label", text.replace("{item}", words(item)));
    made.addEventListener("click", () => move(item, step, made));
    return made;
  }

  function move(item, step, pressed) {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (other === null) return;
    if (step < 0) other.before(item); else other.after(item);
    [...list.children].forEach((row, place) => { row.querySelector("select").value = String(place + 1); });
    settle();
    pressed.focus();
    if (pressed.disabled) item.querySelector("button:not(:disabled)").focus();
    told.textContent = group.dataset.orderTold
      .replace("{item}", words(item))
      .replace("{place}", String([...list.children].indexOf(item) + 1));
    item.querySelector("select").dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The first cannot go up, nor the last down
  function settle() {
    [...list.children].forEach((row, place, rows) => {
      const [up, down] = row.querySelectorAll("button");
      up.disabled = place === 0;
      down.disabled = place === rows.length - 1;
    });
  }

  for (const item of list.children) {
    item.querySelector("select").hidden = true;
    const deeds = document.createElement("span");
    deeds.className = "order-deeds";
    deeds.append(
      button(item, "\u2191", group.dataset.orderUp, -1),
      button(item, "\u2193", group.dataset.orderDown, 1),
    );
    item.append(deeds);
  }
  list.classList.add("moves");
  settle();
}
