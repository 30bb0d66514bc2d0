// The toy counter's hands: drag a thing from the shelf, or a scale's label, onto a device.
// Whoever does not drag has the same acts as buttons.
(() => {
  "use strict";

  const TYPE = "application/x-emma";
  const ACTS = { "toy-scanner": "scan", "toy-camera": "see", "toy-rfid": "lay", "toy-scale": "load" };
  const bench = document.querySelector("[data-lane-address]");

  function toyUnder(event) {
    const toy = event.target instanceof Element ? event.target.closest(".toy") : null;
    return toy && ACTS[toy.id] && event.dataTransfer?.types.includes(TYPE) ? toy : null;
  }

  function light(toy) {
    for (const one of document.querySelectorAll(".toy--over")) if (one !== toy) one.classList.remove("toy--over");
    toy?.classList.add("toy--over");
  }

  document.addEventListener("dragstart", (event) => {
    const thing = event.target instanceof Element ? event.target.closest("[data-gtin], [data-text]") : null;
    if (!thing || !event.dataTransfer) return;
    const { gtin, text } = thing.dataset;
    event.dataTransfer.setData(TYPE, JSON.stringify(text ? { text } : { gtin }));
    event.dataTransfer.effectAllowed = "copy";
  });

  document.addEventListener("dragover", (event) => {
    const toy = toyUnder(event);
    light(toy);
    if (toy) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const toy = toyUnder(event);
    light(null);
    if (!toy) return;
    event.preventDefault();
    const values = JSON.parse(event.dataTransfer.getData(TYPE));
    const address = `${bench.dataset.laneAddress}/${ACTS[toy.id]}`;
    htmx.ajax("POST", address, { source: "#drop", target: "#counter", swap: "outerHTML", values });
  });

  document.addEventListener("dragend", () => light(null));
})();
