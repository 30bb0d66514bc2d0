// The kiosk page: hears what happens on its lane, looks after a shopper who walked away, and opens its questions.
//
// Taps wait for each other in one queue (hx-sync on #kiosk), so an older answer can never overwrite a newer one.
// Asking for news gives way to a tap: else its answer could replace the very button whose tap waits behind it, and
// the tap would be lost. What is true up to which journal number stands in #shown; what is older is not news.
(() => {
  "use strict";

  const TICK_MS = 250;
  const POLL_MS = 2000; // only while the stream to the box is lost, or where there is none
  const TRY_AGAIN_S = 5;
  const TELL_S = 15; // a touched screen is told to the box this often at most, or it takes the basket for left
  const BY_SHOPPER = new Set([
    "BasketOpened", "LineAdded", "LineChanged", "LineVoided", "ScanRefused", "ShopperIdentified", "PaymentDeclined",
    "WeighingAsked", "Weighed", "BasketResumed", "GiftCardHandedIn",
  ]);

  // Between the till and the signing device: nothing on the screen changes, so nothing is asked for.
  const UNSEEN = new Set(["TransactionStarted", "TransactionFinished", "SaleNotSigned"]);

  const screen = () => document.getElementById("screen");
  const shownNumber = () => Number(document.getElementById("shown")?.dataset.number || 0);

  // News ----------------------------------------------------------------------------------------------------
  let asked = false; // a request for news is waiting for its turn
  let askedAt_ms = -Infinity;
  let must = false; // ask even if nothing was heard: after a loss nobody knows
  let heard = 0;

  function askForNews(anyway) {
    must ||= anyway;
    // One that never began, because htmx was not ready yet, must not silence the page for good.
    if (asked && performance.now() - askedAt_ms < POLL_MS) return;
    asked = true;
    askedAt_ms = performance.now();
    htmx.trigger("#now", "fetch");
  }

  function hear(event) {
    const { type, number } = event.detail;
    if (BY_SHOPPER.has(type)) {
      touched();
      toldAt_ms = touchedAt_ms; // the box knows it already
    }
    if (!number) askForNews(true);
    if (UNSEEN.has(type)) return;
    if (number <= shownNumber()) return;
    heard = Math.max(heard, number);
    askForNews(false);
  }

  // News that gave way to a tap, or was not asked for because one was on its way: the tap's answer may tell it.
  function askForMissed() {
    asked = false;
    if (must || heard > shownNumber()) askForNews(must);
  }

  // Its turn has come: by now the answer to a tap may have told it already.
  function beforeRequest(event) {
    if (event.target.id !== "now") return;
    const needed = must || heard > shownNumber();
    asked = must = false;
    if (!needed) event.preventDefault();
  }

  // While the box is away the page asks again and again: it says so once, quietly, not with a sound each time.
  function keepQuiet(event) {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status >= 200 && status < 500) return;
    event.stopPropagation();
    document.dispatchEvent(new CustomEvent("emma:away"));
  }

  function watchConnection() {
    new MutationObserver(() => {
      if (document.body.dataset.connection === "ok") askForNews(true);
    }).observe(document.body, { attributes: true, attributeFilter: ["data-connection"] });
    setInterval(() => {
      if (asked || document.body.dataset.connection !== "ok") askForNews(true);
    }, POLL_MS);
  }

  // A shopper who walked away ---------------------------------------------------------------------------------
  let touchedAt_ms = performance.now();
  let toldAt_ms = touchedAt_ms;
  let leftAt_ms = -Infinity;
  let watched = "";

  function touched() {
    touchedAt_ms = performance.now();
    close(document.getElementById("still-there"));
  }

  function tick() {
    const at = screen();
    if (!at) return;
    if (at.dataset.screen !== watched) {
      watched = at.dataset.screen;
      touched();
    }
    const idle_s = (performance.now() - touchedAt_ms) / 1000;
    if (watched === "open") watchBasket(at, idle_s);
    else if ((watched === "paid" || watched === "parked") && idle_s >= Number(at.dataset.receiptShownS)) leave("done");
  }

  function watchBasket(at, idle_s) {
    const left_s = Number(at.dataset.idleCancelS) - idle_s;
    if (left_s <= 0) {
      at.hidden = true; // what is theirs goes from the screen at once, whether the box answers or not
      leave("left");
      return;
    }
    tellBox();
    if (idle_s < Number(at.dataset.idleWarningS)) return;
    const question = document.getElementById("still-there");
    question.querySelector("[data-countdown]").textContent = String(Math.ceil(left_s));
    if (!question.open) {
      document.dispatchEvent(new CustomEvent("emma:look"));
      show(question);
    }
  }

  function tellBox() {
    const now_ms = performance.now();
    if (touchedAt_ms <= toldAt_ms || now_ms - toldAt_ms < TELL_S * 1000) return;
    toldAt_ms = now_ms;
    document.getElementById("here")?.requestSubmit();
  }

  function leave(form) {
    if (performance.now() - leftAt_ms < TRY_AGAIN_S * 1000) return;
    leftAt_ms = performance.now();
    document.getElementById(form)?.requestSubmit();
  }

  // Questions -------------------------------------------------------------------------------------------------
  function show(dialog) {
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    dialog.showModal();
  }

  function close(dialog) {
    if (dialog?.open) dialog.close();
  }

  function onClick(event) {
    const button = event.target instanceof Element && event.target.closest("button");
    if (!button) return;
    if (button.dataset.opens) show(document.getElementById(button.dataset.opens));
    if ("closes" in button.dataset) close(button.closest("dialog"));
    if ("digit" in button.dataset || "erase" in button.dataset) pressDigit(button);
  }

  function pressDigit(button) {
    const field = button.closest("form").elements.namedItem("code");
    if ("erase" in button.dataset) field.value = field.value.slice(0, -1);
    else if (field.value.length < field.maxLength) field.value += button.dataset.digit;
  }

  // Answers ---------------------------------------------------------------------------------------------------
  function afterRequest(event) {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status < 200 || status >= 500) return;
    setTimeout(askForMissed, 0); // once the answer is drawn and the queue is free
    const at = screen();
    if (at) at.hidden = false; // the box has decided; if it was still somebody's basket, here it is again
    if (event.target.matches("form[data-ends]")) {
      event.target.reset();
      close(event.target.closest("dialog"));
    }
  }

  function start() {
    document.body.addEventListener("live", hear);
    document.addEventListener("htmx:beforeRequest", beforeRequest);
    document.addEventListener("htmx:afterRequest", afterRequest);
    document.getElementById("now").addEventListener("htmx:afterRequest", keepQuiet);
    document.addEventListener("click", onClick);
    for (const kind of ["pointerdown", "keydown", "wheel"]) {
      document.addEventListener(kind, touched, { capture: true, passive: true });
    }
    setInterval(tick, TICK_MS);
    watchConnection();
  }

  start();
})();
