// The larger view of one card: its picture, layers and text. Arrow keys walk the cards that are shown.
{
  const viewer = document.getElementById("viewer");
  const list = document.getElementById("cards");
  if (viewer && list) {
    const part = (name) => viewer.querySelector(`.viewer-${name}`);
    let card = null; // the one that is shown
    let opener = null; // what has the focus again afterwards, unless another card was walked to

    const around = () => [...list.children].filter((each) => !each.hidden || each === card);

    const show = (next) => {
      card = next;
      const cards = around();
      const place = cards.indexOf(card);
      part("stage").replaceChildren(card.querySelector(".frame").firstElementChild.cloneNode(true));
      part("text").replaceChildren(card.querySelector(".card-text").cloneNode(true));
      document.getElementById("viewer-title").textContent = card.dataset.name;
      part("place").textContent = `Image ${place + 1} of ${cards.length}`;
      part("side").scrollTop = 0;
    };

    const walk = (to) => {
      const cards = around();
      const place = to(cards.indexOf(card), cards.length);
      if (cards[place] && cards[place] !== card) {
        show(cards[place]);
        opener = card.querySelector(".frame");
      }
    };
    const previous = () => walk((place) => place - 1);
    const next = () => walk((place) => place + 1);

    const open = (which, from) => {
      opener = from;
      show(which);
      viewer.showModal();
      part("close").focus();
    };

    list.addEventListener("click", (event) => {
      const frame = event.target.closest(".frame");
      if (frame) open(frame.closest(".card"), frame);
    });
    for (const link of document.querySelectorAll("[data-opens]")) {
      link.addEventListener("click", () => open(document.getElementById(link.dataset.opens), link));
    }
    part("previous").addEventListener("click", previous);
    part("next").addEventListener("click", next);
    part("close").addEventListener("click", () => viewer.close());
    viewer.addEventListener("close", () => {
      part("stage").replaceChildren();
      part("text").replaceChildren();
      opener.focus(); // the browser gives it to the card that was opened first
    });
    viewer.addEventListener("keydown", (event) => {
      if (event.target.type === "range") return; // the arrows move the slider
      const keys = { ArrowLeft: previous, ArrowRight: next, Home: () => walk(() => 0), End: () => walk((_, count) => count - 1) };
      if (keys[event.key] && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        keys[event.key]();
      }
    });
  }
}
