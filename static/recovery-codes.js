// Copies and prints the recovery codes. Without this script the two buttons stay hidden; saving the codes as a file still works.

const codes = document.querySelector("[data-codes]");
const copy = document.querySelector("[data-copy]");
const paper = document.querySelector("[data-print]");

if (codes && copy && navigator.clipboard) {
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
