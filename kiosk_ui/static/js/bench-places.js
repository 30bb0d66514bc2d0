// The hands of the cabins' bench: drag a garment onto a place. Whoever does not drag has the buttons.
(() => {
  "use strict";

  const TYPE = "application/x-emma-garment";
  const bench = document.querySelector("[data-move-address]");

  function placeUnder(event) {
    const place = event.target instanceof Element ? event.target.closest("[data-place]") : null;
    return place && event.dataTransfer?.types.includes(TYPE) ? place : null;
  }

  function light(place) {
    for (const one of document.querySelectorAll(".place--over")) if (one !== place) one.classList.remove("place--over");
    place?.classList.add("place--over");
  }

  document.addEventListener("dragstart", (event) => {
    const thing = event.target instanceof Element ? event.target.closest("[data-gtin], [data-epc]") : null;
    if (!thing || !event.dataTransfer) return;
    const { gtin, epc } = thing.dataset;
    event.dataTransfer.setData(TYPE, JSON.stringify(epc ? { epc } : { gtin }));
    event.dataTransfer.effectAllowed = "move";
  });

  document.addEventListener("dragover", (event) => {
    const place = placeUnder(event);
    light(place);
    if (place) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const place = placeUnder(event);
    light(null);
    if (!place) return;
    event.preventDefault();
    const between = document.getElementById("between").checked ? { between: "yes" } : {};
    const values = { to: place.dataset.place, ...between, ...JSON.parse(event.dataTransfer.getData(TYPE)) };
    htmx.ajax("POST", bench.dataset.moveAddress, { target: "#places", swap: "outerHTML", values });
  });

  document.addEventListener("dragend", () => light(null));
})();
