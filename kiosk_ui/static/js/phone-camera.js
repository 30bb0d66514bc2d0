// The phone's eye: reads codes out of the camera's picture, in this page. No picture ever leaves it.
// The browser's own reader where it has one (BarcodeDetector), else zxing in WebAssembly.
//
// emma:code {text} on document is one code that was held into the frame.
window.emmaCamera = (() => {
  "use strict";

  const LOOK_MS = 120;
  const SIDE_MAX = 960; // a larger picture reads no better and takes longer
  const SAME_MS = 1500; // a code that stays in the frame counts once
  const TWICE_MS = 700; // and must be read twice, so that one blurred look adds nothing
  const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "itf", "code_128", "qr_code", "data_matrix"];
  const ZXING = ["EAN-13", "EAN-8", "UPC-A", "UPC-E", "ITF", "Code128", "QRCode", "DataMatrix", "DataBar", "DataBarExpanded"];

  const script = document.currentScript;
  const canvas = document.createElement("canvas");
  let stream = null;
  let read = null;
  let timer = 0;
  let candidate = { text: "", at: -Infinity };
  let last = { text: "", at: -Infinity };

  const picture = () => document.getElementById("finder-picture");

  async function nativeReader() {
    if (!("BarcodeDetector" in window)) return null;
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = FORMATS.filter((format) => known.includes(format));
    if (!formats.includes("ean_13")) return null;
    const detector = new BarcodeDetector({ formats });
    return async (video) => (await detector.detect(video)).map((found) => found.rawValue);
  }

  function load(address) {
    return new Promise((done, failed) => {
      const tag = document.createElement("script");
      tag.src = address;
      tag.onload = done;
      tag.onerror = failed;
      document.head.append(tag);
    });
  }

  async function wasmReader() {
    await load(script.dataset.reader);
    await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => script.dataset.wasm }, fireImmediately: true });
    const options = { formats: ZXING, tryHarder: true, maxNumberOfSymbols: 1 };
    return async (video) => {
      const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const data = context.getImageData(0, 0, canvas.width, canvas.height);
      return (await ZXingWASM.readBarcodes(data, options)).filter((one) => one.isValid).map((one) => one.text);
    };
  }

  function see(text) {
    const now = performance.now();
    if (text === last.text && now - last.at < SAME_MS) {
      last.at = now;
      return;
    }
    if (text !== candidate.text || now - candidate.at > TWICE_MS) {
      candidate = { text, at: now };
      return;
    }
    last = { text, at: now };
    candidate = { text: "", at: -Infinity };
    document.dispatchEvent(new CustomEvent("emma:code", { detail: { text } }));
  }

  async function look() {
    try {
      const video = picture();
      if (video.readyState >= 2 && !document.hidden) for (const text of await read(video)) see(text);
    } catch {
      // One picture that could not be read; the next one comes.
    }
    if (stream) timer = setTimeout(look, LOOK_MS);
  }

  // Raises what getUserMedia raises, so that the page can say why.
  async function start() {
    if (stream) return;
    const wanted = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } }, audio: false };
    const opened = await navigator.mediaDevices.getUserMedia(wanted);
    try {
      read ??= (await nativeReader()) || (await wasmReader());
    } catch (fault) {
      for (const track of opened.getTracks()) track.stop();
      throw fault;
    }
    stream = opened;
    picture().srcObject = stream;
    await picture().play();
    look();
  }

  function stop() {
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    if (picture()) picture().srcObject = null;
  }

  // What this camera can do besides: {torch, zoom}.
  function extras() {
    const can = stream?.getVideoTracks()[0]?.getCapabilities?.() ?? {};
    return { torch: Boolean(can.torch), zoom: can.zoom && can.zoom.max > can.zoom.min ? can.zoom : null };
  }

  async function set(wish) {
    await stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [wish] });
  }

  return { start, stop, extras, set, isOn: () => stream !== null, isThere: () => Boolean(navigator.mediaDevices?.getUserMedia) };
})();
