// Copies text, such as recovery codes or an address that an app needs, and prints recovery codes.
// Without this script the buttons stay hidden; saving the codes as a file still works.

const paper = document.querySelector("[data-print]");

for (const copy of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  // The text beside the button, or the only one of the page.
  const codes = copy.closest("dd, figure, details, section")?.querySelector("[data-codes]") ?? document.querySelector("[data-codes]");
  if (!codes) continue;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(codes.textContent);
      copy.textContent = copy.dataset.copied;
    } catch {
      // The browser lets no page copy. Select the codes, so that one key press copies them.
      getSelection().selectAllChildren(codes);
      copy.textContent = copy.dataset.marked;
    }
  });
}

if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => print());
}
