// The page's own part: it notices a lost connection, stamps each press with the time that the page shows, and fetches images.
(() => {
  "use strict";
  const LOST_MS = 2000; // the server writes the time twice a second
  const OLD_MS = 3000;
  let shown = "";
  let seenAt = performance.now();

  const isLost = () => document.body.classList.contains("lost");
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  function look() {
    const time = document.querySelector(".beat")?.textContent ?? "";
    const now = performance.now();
    if (time !== shown) {
      shown = time;
      seenAt = now;
    }
    const cut = window.socket !== undefined && window.did_handshake && !window.socket.connected;
    const lost = cut || now - seenAt > LOST_MS;
    document.body.classList.toggle("lost", lost);
    if (!lost) document.body.classList.remove("not-delivered");
    document.querySelectorAll("img[data-camera]").forEach(markOld);
  }

  function markOld(image) {
    const box = image.closest(".camera");
    const age = image.arrivedAt === undefined ? Infinity : performance.now() - image.arrivedAt;
    box.classList.toggle("old", age > OLD_MS);
    const text = age === Infinity ? "no image yet" : age > OLD_MS ? `old: ${Math.round(age / 1000)} s` : "";
    box.querySelector(".age").textContent = text;
  }

  // Called by each button. A lost page sends nothing, as the message would arrive when the connection is back; a stop may.
  window.zprlPress = (emit, stops) => {
    if (isLost()) document.body.classList.add("not-delivered");
    if (!isLost() || stops) emit(Number(shown));
  };

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const busy = event.target.closest?.("input, textarea") || document.querySelector(".q-dialog");
      if (event.key !== "Escape" && busy) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      document.querySelector(`button[data-key="${CSS.escape(key)}"]`)?.click();
    },
    true,
  );

  async function follow(image) {
    let number = 0;
    while (image.isConnected) {
      if (document.hidden || isLost() || image.closest(".camera").offsetParent === null) {
        await sleep(300);
        continue;
      }
      try {
        const name = encodeURIComponent(image.dataset.camera);
        const answer = await fetch(`/camera?name=${name}&after=${number}`);
        if (answer.status === 200) {
          number = Number(answer.headers.get("x-frame"));
          const address = URL.createObjectURL(await answer.blob());
          const before = image.src;
          image.src = address;
          image.arrivedAt = performance.now() - Number(answer.headers.get("x-age-ms"));
          if (before.startsWith("blob:")) URL.revokeObjectURL(before);
        } else if (answer.status !== 204) {
          await sleep(1000);
        }
      } catch {
        await sleep(1000);
      }
    }
  }

  setInterval(() => {
    look();
    document.querySelectorAll("img[data-camera]:not([data-followed])").forEach((image) => {
      image.dataset.followed = "yes";
      follow(image);
    });
  }, 250);
})();
