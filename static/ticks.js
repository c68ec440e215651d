// Shows a box that ticks all boxes of its form. Without this script it stays hidden.
for (const all of document.querySelectorAll("[data-ticks]")) {
  const [box, form] = [all.querySelector("input"), all.closest("form")];
  const boxes = () => [...form.querySelectorAll(`input[name="${all.dataset.ticks}"]`)];
  all.hidden = false;
  box.addEventListener("change", () => boxes().forEach((each) => (each.checked = box.checked)));
  form.addEventListener("change", () => (box.checked = boxes().every((each) => each.checked)));
}
