// The page of emails shows each answer to a test email as soon as there is one. Without this script
// a link opens the page again.
const waits = document.querySelector("[data-answer-waits]");
// How often the email was tried: after another try there is another answer.
const same = `data-answer-waits="${waits?.dataset.answerWaits}"`;
let left = 60;

const look = async () => {
  left -= 1;
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    if (answer.ok && !(await answer.text()).includes(same)) {
      location.replace(location.pathname);
      return;
    }
  } catch {
    // Offline, or the server is busy: look again later.
  }
  if (left > 0) setTimeout(look, 2000);
};

if (waits) setTimeout(look, 1000);
