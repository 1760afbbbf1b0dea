"use strict";

/* Makes the site installable and usable without a network. A folder opened from the disk (file://) needs neither. */
{
  const root = document.documentElement.dataset.root;
  const status = document.getElementById("offline");

  /** Asks the service worker to keep this page with what it shows and plays. */
  async function keepPage() {
    const { active } = await navigator.serviceWorker.ready;
    const images = [...document.images].filter((image) => image.complete && image.naturalWidth).map((image) => image.currentSrc);
    const audio = status ? JSON.parse(status.dataset.keep) : [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (data.kept && status) status.textContent = "Available offline";
    };
    const keep = [location.href, ...images, ...audio].map((url) => new URL(url, location.href).href);
    active.postMessage({ keep }, [port2]);
  }

  if (location.protocol.startsWith("http")) {
    const manifest = document.createElement("link");
    manifest.rel = "manifest";
    manifest.href = `${root}manifest.webmanifest`;
    document.head.append(manifest);
    // Browsers offer no service worker where the connection is not secure. Who saves data is not sent the audio unasked.
    if (navigator.serviceWorker) {
      navigator.serviceWorker.register(`${root}worker.js`).catch(() => {});
      if (!navigator.connection?.saveData) addEventListener("load", keepPage);
    }
  }
}
