// The code page: counts a code's minutes down, fetches a fresh one when it has ended, keeps the phone awake.
// Without this file the page still says until when a code is good, and a button fetches the next.
(() => {
  "use strict";

  const FRESH_BY_ITSELF_MAX = 6; // half an hour; then somebody must want one
  const TICK_MS = 500;
  const AGAIN_MS = 10_000; // after the phone itself was off the network

  let endsAt_ms = 0;
  let freshByItself = 0;
  let asking = false;
  let lamp = null;

  const part = () => document.getElementById("code");

  function minutes(left_s) {
    return `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
  }

  function begin() {
    const left_s = part()?.dataset.leftS;
    endsAt_ms = left_s === undefined ? 0 : Date.now() + Number(left_s) * 1000;
    asking = false;
    tick();
    stayAwake();
  }

  function tick() {
    const words = document.getElementById("code-left");
    if (!endsAt_ms || !words) return;
    const left_s = Math.max(0, Math.ceil((endsAt_ms - Date.now()) / 1000));
    if (left_s > 0) words.textContent = words.dataset.words.replace("{time}", minutes(left_s));
    else ended(words);
  }

  function ended(words) {
    words.textContent = words.dataset.ended;
    part().classList.add("code--ended");
    if (asking || document.hidden || freshByItself >= FRESH_BY_ITSELF_MAX) return;
    asking = true;
    freshByItself += 1;
    part().querySelector("form").requestSubmit();
  }

  async function stayAwake() {
    if (!endsAt_ms || document.hidden || lamp) return;
    try {
      lamp = await navigator.wakeLock.request("screen");
      lamp.addEventListener("release", () => { lamp = null; });
    } catch {
      // Not every browser may; then the screen goes dark as it always does.
    }
  }

  // Head office away, or asked too often: the answer is a sentence that belongs in the code's place.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (event.detail.target?.id !== "code" || (status !== 503 && status !== 429)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr?.status ?? 0;
    if (status === 503) document.dispatchEvent(new CustomEvent("emma:back")); // the sentence stands below already
    if (status === 0) setTimeout(() => { asking = false; }, AGAIN_MS);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#new-code")) freshByItself = 0;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    tick();
    stayAwake();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  setInterval(tick, TICK_MS);
  begin();
})();
