// Runs before the page is drawn, so that nobody sees the wrong brightness first.
(() => {
  "use strict";
  try {
    const theme = localStorage.getItem("emma-theme");
    if (["light", "dark", "contrast"].includes(theme)) document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be switched off; then the system's choice holds.
  }
})();
