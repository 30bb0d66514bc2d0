// What every screen does by itself: theme, sounds, the keyboard scanner, request keys, focus, announcements.
//
// Events that the server may send with HX-Trigger (or live.js may dispatch on document):
//   emma:scanned          one soft bell          emma:look    one low note
//   emma:say {text}       read out politely      emma:away / emma:back   the box is gone / there again
(() => {
  "use strict";

  // Theme ---------------------------------------------------------------------------------------------------
  const THEMES = ["light", "dark", "contrast"];

  function keepTheme(theme) {
    const root = document.documentElement;
    try {
      if (THEMES.includes(theme)) localStorage.setItem("emma-theme", theme);
      else localStorage.removeItem("emma-theme");
    } catch {
      // Not kept, but still applied to this page.
    }
    if (THEMES.includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme;
    showTheme();
  }

  function showTheme() {
    const current = document.documentElement.dataset.theme || "";
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current));
    }
  }

  // Sound ---------------------------------------------------------------------------------------------------
  let audio = null;

  function tone(frequency, peak, length_s) {
    const from = audio.currentTime;
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.type = "sine";
    voice.frequency.value = frequency;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(peak, from + 0.008);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + length_s);
    voice.connect(volume).connect(audio.destination);
    voice.start(from);
    voice.stop(from + length_s);
  }

  function play(...tones) {
    try {
      audio ??= new AudioContext();
      if (audio.state === "suspended") audio.resume();
      for (const one of tones) tone(...one);
    } catch {
      // A silent screen still says everything in words.
    }
  }

  const bell = () => play([1318.5, 0.12, 0.5], [2637, 0.04, 0.3]);
  const lowNote = () => play([196, 0.16, 0.45]);

  // Saying --------------------------------------------------------------------------------------------------
  function say(text) {
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = text;
  }

  function showTrouble(away) {
    const trouble = document.getElementById("trouble");
    if (!trouble || trouble.hidden !== away) return;
    trouble.hidden = !away;
    trouble.textContent = away ? trouble.dataset.text : "";
  }

  // Request keys: one per wish, kept until the server has answered it, so that a repeat is known as one. -------
  function newKey() {
    // crypto.randomUUID is missing on plain http, which a shop's own network may be.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function setKey(form, refresh) {
    let input = form.querySelector('input[name="request_key"]');
    if (!input) {
      input = document.createElement("input");
      input.type = "hidden";
      input.name = "request_key";
      form.append(input);
    }
    if (refresh || !input.value) input.value = newKey();
  }

  function within(root, selector) {
    const found = Array.from(root.querySelectorAll(selector));
    return root.matches?.(selector) ? [root, ...found] : found;
  }

  // Without htmx a second tap on a sent form would send it again; the server would know the key, but why ask.
  function sendOnce(event) {
    const form = event.target;
    if (!form.matches("form[data-once]") || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }

  // The keyboard scanner: letters faster than any hand, ended by Enter, while no field has the focus. ----------
  const GAP_MS_MAX = 50;
  const CODE_LENGTH_MIN = 4;
  const CODE_LENGTH_MAX = 400;
  const WAITING_CODES_MAX = 16;
  const GROUP_SEPARATOR = "\u001d";

  let typed = "";
  let lastKey_ms = 0;
  let wedgeBusy = false;
  const waitingCodes = [];

  function inField(element) {
    return element instanceof Element && element.closest("input, textarea, select, [contenteditable]") !== null;
  }

  function onKey(event) {
    const form = document.querySelector("form[data-wedge]");
    if (!form || inField(event.target) || event.isComposing) return;
    if (event.timeStamp - lastKey_ms > GAP_MS_MAX) typed = "";
    lastKey_ms = event.timeStamp;
    if (event.key === "Enter") {
      if (typed.length < CODE_LENGTH_MIN) return;
      event.preventDefault(); // Enter must not press the button that has the focus
      if (typed.length <= CODE_LENGTH_MAX) offerCode(typed);
      else document.dispatchEvent(new CustomEvent("emma:look"));
      typed = "";
    } else if (event.ctrlKey && event.key === "]") {
      typed += GROUP_SEPARATOR;
    } else if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (typed.length <= CODE_LENGTH_MAX) typed += event.key;
    }
  }

  function offerCode(code) {
    if (waitingCodes.length >= WAITING_CODES_MAX) {
      document.dispatchEvent(new CustomEvent("emma:look"));
      return;
    }
    waitingCodes.push(code);
    sendNextCode();
  }

  function sendNextCode() {
    const form = document.querySelector("form[data-wedge]");
    if (wedgeBusy || !form || !waitingCodes.length) return;
    wedgeBusy = true;
    form.elements.namedItem(form.dataset.wedge || "code").value = waitingCodes.shift();
    form.requestSubmit();
  }

  // Answers -------------------------------------------------------------------------------------------------
  function onAnswer(event) {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    const answered = status >= 200 && status < 500;
    const form = event.detail.elt;
    if (form instanceof HTMLFormElement) {
      if (form.matches("[data-once]") && answered) setKey(form, true);
      if (form.matches("[data-wedge]")) {
        wedgeBusy = false;
        sendNextCode();
      }
    }
    showTrouble(!answered);
    if (!answered) lowNote();
  }

  let focusedId = "";

  function beforeSwap(event) {
    const active = document.activeElement;
    focusedId = active && event.detail.target?.contains(active) ? active.id || "main" : "";
  }

  // A finger or a reader must not fall out of the page when the part under it is exchanged.
  function afterSettle(event) {
    const part = event.detail.elt;
    if (!(part instanceof Element)) return;
    prepare(part);
    const wanted = within(part, "[data-focus]")[0];
    if (wanted) wanted.focus();
    else if (focusedId && document.activeElement === document.body) {
      (document.getElementById(focusedId) || document.getElementById("main"))?.focus({ preventScroll: true });
    }
    focusedId = "";
    for (const one of within(part, "[data-announce]")) say(one.dataset.announce || one.textContent.trim());
  }

  function prepare(root) {
    for (const form of within(root, "form[data-once]")) setKey(form, false);
    showNewest(root);
    showTheme();
  }

  function showNewest(root) {
    within(root, ".roll__line--new, .roll__line--still").at(-1)?.scrollIntoView({ block: "nearest" });
  }

  function start() {
    if (document.body.hasAttribute("data-fresh")) keepTheme("");
    prepare(document.body);
    document.fonts?.ready.then(() => showNewest(document.body)); // a late typeface makes lines taller
    document.addEventListener("animationend", ({ target }) => {
      if (target.matches?.(".roll__line--new")) showNewest(document.body); // printed: it has its full height now
    });
    document.addEventListener("click", (event) => {
      const choice = event.target instanceof Element && event.target.closest("[data-theme-choice]");
      if (choice) keepTheme(choice.dataset.themeChoice);
    });
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("submit", sendOnce);
    // A page that comes back from the browser's memory may be sent again, as a new wish.
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      for (const form of document.querySelectorAll("form[data-once]")) {
        delete form.dataset.sent;
        setKey(form, true);
      }
    });
    document.addEventListener("htmx:beforeSwap", beforeSwap);
    document.addEventListener("htmx:afterSettle", afterSettle);
    document.addEventListener("htmx:afterRequest", onAnswer);
    document.addEventListener("emma:scanned", bell);
    document.addEventListener("emma:look", lowNote);
    document.addEventListener("emma:say", (event) => say(event.detail?.text ?? ""));
    document.addEventListener("emma:away", () => showTrouble(true));
    document.addEventListener("emma:back", () => showTrouble(false));
  }

  start();
})();
