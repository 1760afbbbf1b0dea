/* Sessions that are kept on this device by choice, to be done without a network. */

const canKeep = isServed && "serviceWorker" in navigator && "caches" in window;

async function isKept(track) {
  return canKeep && Boolean(await caches.match(new URL(track, location.href), { ignoreVary: true }).catch(() => null));
}

/** Has the service worker store files whole; tells whether all are there. */
async function keepFiles(urls) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data: { kept } }) => resolve(kept)));
  active.postMessage({ keep: urls.map((url) => new URL(url, location.href).href) }, [port2]);
  const kept = await answer;
  // Browsers clear what is stored when room is short, unless they promised not to. Firefox asks first, which may take long.
  if (kept) navigator.storage?.persist?.().catch(() => false);
  return kept;
}

async function dropFile(url) {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    await cache.delete(new URL(url, location.href), { ignoreVary: true });
  }
}
