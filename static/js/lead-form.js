// Inside the frame: tells the page around it how high the form is, whenever that changes.
"use strict";

if (window.parent !== window) {
  const tell = () => {
    const height = document.documentElement.offsetHeight;
    window.parent.postMessage({ leadFormHeight: height }, "*");
  };
  new ResizeObserver(tell).observe(document.documentElement);
  window.addEventListener("load", tell);
}
