// Tells the server that a browser shows this page. Programs that only fetch links run no script.
for (const page of document.querySelectorAll("[data-opened]")) {
  fetch(page.dataset.opened, { method: "POST", redirect: "manual", keepalive: true }).catch(() => {});
}
