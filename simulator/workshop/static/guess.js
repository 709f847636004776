// Reloads the page of a guesser when the guesses are opened or closed; what is being typed stays until then. Asks for
// points only of who names a winner.
"use strict";
(() => {
  const { state, version } = document.body.dataset;
  if (!state) return;
  const points = document.querySelector("input[name=points]");
  const ask = () => { points.required = Boolean(document.querySelector("input[name=first]:checked")?.value); };
  if (points) {
    document.addEventListener("change", ask);
    ask();
  }
  setInterval(async () => {
    try {
      const answer = await fetch(state, { cache: "no-store" });
      if (answer.ok && String((await answer.json()).version) !== version) location.replace(location.pathname);
    } catch { /* the host is away for a moment */ }
  }, 2000);
})();
