// <div id="x" data-refresh="/address" data-refresh-every="5">: asks the address for its newer self every so many
// seconds while somebody looks, and takes its place. The answer without data-refresh ends it; 204 changes nothing.
"use strict";

function watch(part) {
  const pause = Math.max(2, Number(part.dataset.refreshEvery) || 5) * 1000;
  setTimeout(() => renew(part).then((next) => { if (next) watch(next); }), pause);
}

async function renew(part) {
  if (!part.isConnected) return null;
  if (document.hidden || part.contains(document.activeElement)) return part;
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
  part.replaceWith(document.adoptNode(next));
  return next.dataset.refresh ? next : null;
}

for (const part of document.querySelectorAll("[data-refresh][id]")) watch(part);
