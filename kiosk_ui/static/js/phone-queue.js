// Scans on their way to the shop, in order and each under a key of its own: what was sent twice counts once.
// They wait in the browser's storage while there is no connection. Only codes lie there, nothing of a person.
//
// emma:queue {count, sending} on document says how many wait; emma:answer {html, status} is what the shop says.
window.emmaQueue = (() => {
  "use strict";

  const STORE = "emma-phone-scans";
  const WAITING_MAX = 100;
  const AGAIN_MS = 2000;
  const ANSWER_MS_MAX = 15000;

  let phone = "";
  let scans = [];
  let sending = false;
  let retry = 0;

  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) || "{}");
      return Array.isArray(kept.scans) ? kept : { phone: "", scans: [] };
    } catch {
      return { phone: "", scans: [] };
    }
  }

  function keep() {
    try {
      if (scans.length) localStorage.setItem(STORE, JSON.stringify({ phone, scans }));
      else localStorage.removeItem(STORE);
    } catch {
      // Not kept over a reload, but still sent from this page.
    }
    tell("emma:queue", { count: scans.length, full: scans.length >= WAITING_MAX });
  }

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // `id` is the visit: what another visit left behind is not ours to send.
  function begin(id) {
    phone = id;
    const kept = load();
    scans = kept.phone === id ? kept.scans.slice(0, WAITING_MAX) : [];
    keep();
    send();
  }

  function add(code, how) {
    if (scans.length >= WAITING_MAX) {
      keep();
      return false;
    }
    scans.push({ key: newKey(), code, how });
    keep();
    send();
    return true;
  }

  async function send() {
    if (sending || !scans.length) return;
    sending = true;
    clearTimeout(retry);
    let answered = false;
    try {
      answered = await sendFirst(scans[0]);
    } catch {
      // No connection: it stays where it is.
    }
    sending = false;
    if (answered) {
      tell("emma:back", {});
      send();
    } else if (scans.length) {
      tell("emma:away", {});
      keep();
      retry = setTimeout(send, AGAIN_MS);
    }
  }

  async function sendFirst(scan) {
    const answer = await fetch("/phone/scan", {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams({ code: scan.code, how: scan.how, request_key: scan.key }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (answer.status >= 500) return false;
    const html = await answer.text();
    scans.shift();
    keep();
    if (answer.status === 410) {
      scans = [];
      keep();
      location.assign("/phone");
    } else {
      tell("emma:answer", { html, status: answer.status });
    }
    return true;
  }

  addEventListener("online", send);
  return { begin, add, send, load, count: () => scans.length };
})();
