// The exam: answers are kept on the server as they are given, the clock counts down, and the end is seen at once.
// Without this script the page has a button that keeps answers; the time is the server's either way.
"use strict";

const exam = document.querySelector("form[data-exam]");

if (exam) {
  const line = exam.querySelector("[data-exam-state]");
  // The server's clock, whatever this device believes
  const ahead = Date.parse(exam.dataset.examNow) - Date.now();
  const due = Date.parse(exam.dataset.examDue);
  let unsaved = false;
  let waiting = null;
  let leaving = false;

  async function keep() {
    waiting = null;
    unsaved = false;
    let answer = null;
    try {
      answer = await fetch(exam.dataset.exam, {
        method: "POST",
        body: new FormData(exam),
        headers: { "X-Requested-With": "fetch" },
        redirect: "manual",
      });
    } catch {
      answer = null;
    }
    if (leaving) return;
    if (answer && answer.status === 204) {
      line.textContent = exam.dataset.examKept;
      return;
    }
    if (answer && answer.status === 409) {
      window.location.reload();
      return;
    }
    unsaved = true;
    line.textContent = exam.dataset.examLost;
    waiting ??= setTimeout(keep, 4000);
  }

  exam.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 700);
  });

  exam.addEventListener("submit", () => { leaving = true; });

  window.addEventListener("pagehide", () => {
    if (unsaved && !leaving) navigator.sendBeacon(exam.dataset.exam, new FormData(exam));
  });

  function watch() {
    const left = due - (Date.now() + ahead);
    if (left <= 0) {
      leaving = true;
      window.location.reload();
      return;
    }
    // The last answers go out before the end rather than after it
    if (left < 3000 && unsaved) keep();
    setTimeout(watch, Math.min(left + 1500, 1000));
  }
  watch();
}
