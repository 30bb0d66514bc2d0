// The phone's service worker: keeps the page's static parts and one page that says that there is no connection.
// Nothing of a visit is ever kept: pages and their parts come from the shop or not at all.
"use strict";

const AWAY = "/phone/away";
const PARTS = {{ [
  vendor_url("fonts.css"), vendor_url("htmx.min.js"), vendor_url("atkinson-latin.woff2"),
  vendor_url("bricolage-latin.woff2"),
  url_for("static", filename="css/emma.css"), url_for("static", filename="css/phone.css"),
  url_for("static", filename="js/theme.js"), url_for("static", filename="js/emma.js"),
  url_for("static", filename="js/phone-queue.js"), url_for("static", filename="js/phone-camera.js"),
  url_for("static", filename="js/phone.js"), url_for("static", filename="icon.svg"),
]|tojson }};
const READER = {{ [vendor_url("zxing.js"), vendor_url("zxing.wasm")]|tojson }}; // large: kept by those who need it
const CACHE = "emma-phone-{{ mark }}";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([AWAY, ...PARTS])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const stale = (names) => names.filter((name) => name.startsWith("emma-phone-") && name !== CACHE);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(stale(names).map((name) => caches.delete(name)))).then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(AWAY)));
  } else if (READER.includes(path) || (path.startsWith("/static/vendor/") && PARTS.includes(path))) {
    // Its address changes with it.
    event.respondWith(caches.match(path).then((kept) => kept || fetch(request).then(keep)));
  } else if (PARTS.includes(path)) {
    event.respondWith(fetch(request).then(keep, () => caches.match(path)));
  }
});

async function keep(answer) {
  if (answer.ok) await (await caches.open(CACHE)).put(new URL(answer.url).pathname, answer.clone());
  return answer;
}
