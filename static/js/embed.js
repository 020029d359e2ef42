// <script src="https://portal/embed.js" data-source="website" async></script>: puts the lead form where the tag stands,
// and keeps its frame as high as the form. Also: data-campaign, data-code, data-lang, data-accent="#59275f", data-title.
(function () {
  "use strict";

  var tag = document.currentScript;
  var portal = new URL(tag.src).origin;
  var address = new URL("/embed/lead-form", portal);
  var chosen = { source: tag.dataset.source, campaign: tag.dataset.campaign, code: tag.dataset.code, accent: tag.dataset.accent };
  chosen.lang = tag.dataset.lang || document.documentElement.lang.slice(0, 2);
  chosen.page = location.href.split("#")[0].slice(0, 500);
  Object.keys(chosen).forEach(function (name) {
    if (chosen[name]) address.searchParams.set(name, chosen[name]);
  });

  var frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = tag.dataset.title || "Contact form";
  frame.width = "100%";
  frame.height = "720";
  frame.setAttribute("frameborder", "0");
  frame.setAttribute("scrolling", "no");
  tag.insertAdjacentElement("afterend", frame);

  window.addEventListener("message", function (event) {
    if (event.origin !== portal || event.source !== frame.contentWindow) return;
    var height = Number(event.data && event.data.leadFormHeight);
    if (height > 0 && height < 10000) frame.height = String(Math.ceil(height));
  });
})();
