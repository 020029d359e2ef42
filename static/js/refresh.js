// <div id="x" data-refresh="/address" data-refresh-every="5">: asks the address for its newer self every so many
// seconds while somebody looks, and takes its place. The answer without data-refresh ends it; 204 changes nothing.
"use strict";

function watch(part) {
  const pause = Math.max(2, Number(part.dataset.refreshEvery) || 5) * 1000;
  setTimeout(() => renew(part).then((next) => { if (next) watch(next); }), pause);
}

// Somebody types or is about to press something in it; a link that has the focus keeps it.
function isInUse(part) {
  const here = document.activeElement;
  return part.contains(here) && here.tagName !== "A" || part.querySelector("details[data-menu][open]") !== null;
}

async function renew(part) {
  if (!part.isConnected) return null;
  if (document.hidden || isInUse(part)) return part;
  let answer;
  try {
    answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  } catch {
    return part;
  }
  if (answer.status === 204 || answer.status >= 500) return part;
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById(part.id);
  if (!next) return null;
  if (isInUse(part)) return part;
  const at = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceWith(document.adoptNode(next));
  if (at) next.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
  return next.dataset.refresh ? next : null;
}

for (const part of document.querySelectorAll("[data-refresh][id]")) watch(part);
