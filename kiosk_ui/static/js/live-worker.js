// Shared by all pages of one browser: one stream with every page's topics, handed out to whom they concern.
"use strict";

const pages = new Map(); // port -> set of topics
let stream = null;
let streamTopics = "";
let lastNumber = "";
let state = "";

function wants(topics, lane) {
  return topics.has(lane ? `lane-${lane}` : "store") || (lane !== "" && topics.has("lane-*"));
}

function toAll(said) {
  for (const port of pages.keys()) port.postMessage(said);
}

function setState(kind) {
  state = kind;
  toAll({ kind });
}

function open(url) {
  const topics = [...new Set([...pages.values()].flatMap((set) => [...set]))].sort().join(" ");
  if (stream && topics === streamTopics && stream.readyState !== EventSource.CLOSED) return;
  if (stream) stream.close();
  if (!topics) {
    stream = null;
    return;
  }
  streamTopics = topics;
  const query = new URLSearchParams({ topics });
  if (lastNumber) query.set("after", lastNumber);
  stream = new EventSource(`${url}?${query}`);
  const mine = stream;
  stream.onopen = () => setState("ok");
  stream.onerror = () => {
    setState("lost");
    // A browser gives up for good on an HTTP error; the box may only be starting.
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => mine === stream && open(url), 1000);
  };
  stream.onmessage = (message) => {
    lastNumber = message.lastEventId;
    const detail = JSON.parse(message.data);
    for (const [port, topics_] of pages) {
      if (wants(topics_, detail.lane)) port.postMessage({ kind: "event", detail });
    }
  };
  stream.addEventListener("reset", (message) => {
    lastNumber = message.lastEventId;
    toAll({ kind: "reset" });
  });
}

onconnect = (event) => {
  const port = event.ports[0];
  let url = "";
  port.onmessage = ({ data }) => {
    if (data.leave) {
      pages.delete(port);
    } else {
      url = data.url;
      pages.set(port, new Set(data.topics.split(" ")));
      if (state) port.postMessage({ kind: state });
    }
    open(url);
  };
  port.start();
};
