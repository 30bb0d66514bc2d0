// The page's ear at the journal. One stream per browser, shared by its pages through a SharedWorker
// (browsers open six streams per host at most); where there is no SharedWorker, one per page.
//
// For each event of the page's topics, htmx is told "live" and "live:<Type>" on the body, with
// {type, lane, number}; "emma:away" and "emma:back" say whether the shop's box is there.
(() => {
  "use strict";

  const script = document.currentScript;
  const url = script.dataset.liveUrl;

  function tell(name, detail) {
    document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  function hear(said) {
    if (said.kind === "event") {
      tell("live", said.detail);
      tell(`live:${said.detail.type}`, said.detail);
    } else if (said.kind === "reset") {
      tell("live", { type: "reset", lane: "", number: 0 });
      tell("emma:back", {});
    } else if (document.body.dataset.connection !== said.kind) {
      const before = document.body.dataset.connection;
      document.body.dataset.connection = said.kind;
      if (said.kind === "lost") tell("emma:away", {});
      else if (before === "lost") tell("emma:back", {});
    }
  }

  function listenHere(topics) {
    const query = new URLSearchParams({ topics });
    const stream = new EventSource(`${url}?${query}`);
    stream.onopen = () => hear({ kind: "ok" });
    stream.onerror = () => {
      hear({ kind: "lost" });
      // A browser gives up for good on an HTTP error; the box may only be starting.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => listenHere(topics), 1000);
    };
    stream.onmessage = (message) => hear({ kind: "event", detail: JSON.parse(message.data) });
    stream.addEventListener("reset", () => hear({ kind: "reset" }));
  }

  function start() {
    const topics = document.body.dataset.liveTopics;
    if (!url || !topics) return;
    if (!("SharedWorker" in window)) {
      listenHere(topics);
      return;
    }
    const worker = new SharedWorker(new URL("live-worker.js", script.src), { name: `live ${url}` });
    worker.port.onmessage = (message) => hear(message.data);
    worker.port.start();
    worker.port.postMessage({ url, topics });
    addEventListener("pagehide", () => worker.port.postMessage({ leave: true }));
    // A page brought back by the Back button has left before.
    addEventListener("pageshow", (event) => {
      if (event.persisted) worker.port.postMessage({ url, topics });
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
