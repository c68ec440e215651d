// Copies and prints the recovery codes. Without this script the two buttons stay hidden, and saving them as a file works all the same.

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
      // The browser was told to allow no page to copy: marked, they are one key away from it.
      getSelection().selectAllChildren(codes);
      copy.textContent = copy.dataset.marked;
    }
  });
}

if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => print());
}
