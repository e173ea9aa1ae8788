// The places and the data of the live parts stand in the page; without data there is nothing to do.
"use strict";

function startLive() {
  const island = document.getElementById("try-data");
  if (!island) return;
  const data = JSON.parse(island.textContent), ask = openDesk(makeEngine);
  startPicker(document.getElementById("sec-sites"), data);
  startNew(document.getElementById("new-panel"), data, ask);
  startTry(document.getElementById("try-panel"), data, ask);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startLive);
else startLive();
