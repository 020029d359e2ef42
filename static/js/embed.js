// <script src="https://portal/embed.js" data-source="website" async></script>: puts the lead form where the tag stands,
// and keeps its frame as high as the form. Also: data-campaign, data-code, data-lang, data-accent="#59275f", data-title,
// data-theme="dark" or "auto" (light otherwise), data-corners="square".
// A referral link that led here (?ref=…) is remembered in a cookie of this site, which names the link and the moment and
// nothing else: data-days="90" says for how long, data-remember="no" not at all.
(function () {
  "use strict";

  var tag = document.currentScript;
  var portal = new URL(tag.src).origin;
  var address = new URL("/embed/lead-form", portal);
  var chosen = { source: tag.dataset.source, campaign: tag.dataset.campaign, code: tag.dataset.code, accent: tag.dataset.accent,
    theme: tag.dataset.theme, corners: tag.dataset.corners };
  chosen.lang = tag.dataset.lang || document.documentElement.lang.slice(0, 2);
  chosen.ref = followed();
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

  // The links that were followed, the earliest first, as "token.second~token.second".
  function followed() {
    var now = new URLSearchParams(location.search).get("ref") || "";
    var click = /^[a-z2-9]{10}$/.test(now) ? now + "." + Math.floor(Date.now() / 1000) : "";
    if (tag.dataset.remember === "no") return click;
    var kept = (cookies().match(/(?:^|; )followed=([a-z0-9.~]*)/) || ["", ""])[1];
    var clicks = kept ? kept.split("~") : [];
    var last = (clicks[clicks.length - 1] || "").split(".");
    // The same link again within half an hour is one visit; later it is a new click, from which the days count anew.
    // A page that is only read anew, or gone back to, was not led to by its link once more.
    var known = clicks.some(function (one) { return one.split(".")[0] === now; });
    if (click && !(known && isReadAnew()) && (last[0] !== now || Date.now() / 1000 - Number(last[1] || 0) >= 1800)) {
      clicks.push(click);
      if (clicks.length > 10) clicks.splice(1, clicks.length - 10);
      cookies("followed=" + clicks.join("~") + "; path=/; samesite=lax; max-age=" +
        (Number(tag.dataset.days) || 90) * 86400 + (location.protocol === "https:" ? "; secure" : ""));
    }
    return clicks.join("~");
  }

  // What the site's cookies say, or one more of them. A page that may have none (a sandboxed frame) shows the form all the same.
  function cookies(kept) {
    try {
      if (kept) document.cookie = kept;
      return document.cookie;
    } catch (_refused) {
      return "";
    }
  }

  function isReadAnew() {
    var how = performance.getEntriesByType("navigation")[0];
    return Boolean(how) && (how.type === "reload" || how.type === "back_forward");
  }

  window.addEventListener("message", function (event) {
    if (event.origin !== portal || event.source !== frame.contentWindow) return;
    var height = Number(event.data && event.data.leadFormHeight);
    if (height > 0 && height < 10000) frame.height = String(Math.ceil(height));
  });
})();
