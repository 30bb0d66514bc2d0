// The phone's page: what the camera and the shopper scan goes through the queue; what the shop answers is drawn.
(() => {
  "use strict";

  const POLL_MS = 4000; // where what comes next happens on another lane, and while the stream is lost
  const ELSEWHERE = new Set(["paid", "parked"]); // at the gate, at a till
  const CAMERA = "emma-phone-camera";
  const BUZZ_MS = 60;
  const worker = document.currentScript.dataset.worker;
  const camera = window.emmaCamera;
  const queue = window.emmaQueue;
  const at = (id) => document.getElementById(id);
  const screen = () => at("screen");

  // The queue ------------------------------------------------------------------------------------------------
  function showWaiting({ detail }) {
    const waiting = at("waiting");
    if (!waiting) return;
    waiting.hidden = !detail.count || (navigator.onLine && at("trouble").hidden && !detail.full);
    const { one, many, full } = waiting.dataset;
    waiting.textContent = detail.full && full ? full : detail.count === 1 ? one : many.replace("COUNT", detail.count);
    holdPaying();
  }

  // Nobody pays for a basket that is not whole yet.
  function holdPaying() {
    for (const button of at("pay")?.querySelectorAll("button") ?? []) {
      if (queue.count()) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }

  function refuseWhileWaiting(event) {
    if (!queue.count() || !event.target.closest?.("#pay")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.dispatchEvent(new CustomEvent("emma:look"));
    queue.send();
  }

  function draw({ detail }) {
    const before = Number(screen()?.dataset.pieces || 0);
    keepTyping();
    htmx.swap("#screen", detail.html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    goOnTyping();
    const more = Number(screen().dataset.pieces) > before;
    document.dispatchEvent(new CustomEvent(detail.status < 300 && more ? "emma:scanned" : "emma:look"));
    if (navigator.vibrate) navigator.vibrate(more ? BUZZ_MS : [BUZZ_MS, BUZZ_MS, BUZZ_MS]);
    afterDrawing();
    at("card")?.scrollIntoView({ block: "nearest" });
  }

  // What is being typed while an answer is drawn stays in its field, and the finger in it.
  let typed = "";
  let typing = false;

  function keepTyping() {
    typed = at("code")?.value ?? "";
    typing = document.activeElement === at("code");
  }

  function goOnTyping() {
    const field = at("code");
    if (field && typed && !field.value) field.value = typed;
    if (field && typing) field.focus({ preventScroll: true });
    typed = "";
    typing = false;
  }

  function onType(event) {
    const form = event.target;
    if (!form.matches?.("form[data-scan]") || event.submitter?.name === "look") return;
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx must not send it as well
    const field = form.elements.namedItem("code");
    if (queue.add(field.value.trim(), "typed")) field.value = "";
  }

  // The camera -----------------------------------------------------------------------------------------------
  const says = (name) => (at("finder-says").textContent = name ? at("finder").dataset[name] : "");

  async function cameraOn() {
    at("camera-on").disabled = true;
    try {
      await camera.start();
      remember("on");
      says("read");
    } catch (fault) {
      says(fault.name === "NotAllowedError" ? "denied" : "none");
    }
    at("camera-on").disabled = false;
    showCamera();
  }

  function cameraOff() {
    camera.stop();
    remember("");
    says("");
    showCamera();
  }

  function showCamera() {
    const on = camera.isOn();
    const { torch, zoom } = on ? camera.extras() : { torch: false, zoom: null };
    at("finder").toggleAttribute("data-on", on);
    at("camera-on").hidden = on;
    at("camera-off").hidden = !on;
    at("torch").hidden = !torch;
    at("zoom").hidden = !zoom;
  }

  async function press(button, wishOf) {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    try {
      await camera.set(wishOf(pressed));
      button.setAttribute("aria-pressed", String(pressed));
    } catch {
      button.hidden = true;
    }
  }

  function remember(what) {
    try {
      if (what) sessionStorage.setItem(CAMERA, what);
      else sessionStorage.removeItem(CAMERA);
    } catch {
      // Then the next page asks again.
    }
  }

  function wasOn() {
    try {
      return sessionStorage.getItem(CAMERA) === "on";
    } catch {
      return false;
    }
  }

  // News -----------------------------------------------------------------------------------------------------
  const ask = () => navigator.onLine && htmx.trigger("#now", "fetch");

  function hear({ detail }) {
    if (!detail.number || detail.number > Number(at("mark")?.dataset.number || 0)) ask();
  }

  function afterDrawing() {
    const scanning = screen()?.dataset.screen === "open" || screen()?.dataset.screen === "attract";
    if (!scanning && camera.isOn()) camera.stop();
    at("finder").hidden = !scanning || !camera.isThere();
    if (scanning && !camera.isOn() && wasOn()) cameraOn();
    else showCamera();
    holdPaying();
  }

  function poll() {
    if (ELSEWHERE.has(screen()?.dataset.screen) || document.body.dataset.connection !== "ok") ask();
  }

  // A question that is asked for news must not sound each time that nobody answers.
  function keepQuiet(event) {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status >= 200 && status < 500) return;
    event.stopPropagation();
    document.dispatchEvent(new CustomEvent("emma:away"));
  }

  function startVisit() {
    document.addEventListener("submit", refuseWhileWaiting, true);
    document.addEventListener("submit", onType, true);
    document.addEventListener("emma:code", ({ detail }) => queue.add(detail.text, "phone"));
    document.addEventListener("emma:answer", draw);
    document.addEventListener("htmx:beforeSwap", keepTyping);
    document.addEventListener("htmx:afterSwap", goOnTyping);
    document.addEventListener("htmx:afterSettle", afterDrawing);
    document.body.addEventListener("live", hear);
    at("now").addEventListener("htmx:afterRequest", keepQuiet);
    at("camera-on").addEventListener("click", cameraOn);
    at("camera-off").addEventListener("click", cameraOff);
    at("torch").addEventListener("click", (event) => press(event.currentTarget, (on) => ({ torch: on })));
    at("zoom").addEventListener("click", (event) => {
      const { zoom } = camera.extras();
      press(event.currentTarget, (on) => ({ zoom: on ? Math.min(zoom.max, zoom.min * 2) : zoom.min }));
    });
    addEventListener("offline", () => document.dispatchEvent(new CustomEvent("emma:away")));
    addEventListener("pagehide", () => camera.stop());
    setInterval(poll, POLL_MS);
    afterDrawing();
    queue.begin(at("phone").dataset.phone);
  }

  document.addEventListener("emma:queue", showWaiting);
  document.addEventListener("emma:away", () => showWaiting({ detail: { count: queue.count() } }));
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/phone" }).catch(() => {});
  if (at("phone")) startVisit();
  else showWaiting({ detail: { count: queue.load().scans.length, full: false } });
})();
