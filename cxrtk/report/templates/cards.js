// The grid: which cards are shown (flag, organs' flags, words, range of a measure), and in which order.
{
  const list = document.getElementById("cards");
  const form = document.querySelector(".controls");
  if (list && form) {
    const cards = [...list.children];
    const search = document.getElementById("search");
    const sort = document.getElementById("sort");
    const reverse = document.getElementById("reverse");
    const text = new Map(cards.map((card) => [card, card.querySelector(".card-text").textContent.toLowerCase()]));
    const byName = new Intl.Collator("en", { numeric: true }).compare;

    const organs = [...form.querySelectorAll(".organ")];
    const range = ["measure", "from", "to"].map((name) => document.getElementById(`range-${name}`));
    const [measure, from, to] = range;

    const hasFlags = (card) => organs.every((each) => {
      const key = `organ${each.dataset.organ[0].toUpperCase()}${each.dataset.organ.slice(1)}`;
      return !each.value || card.dataset[key] === each.value;
    });
    // A card without the number is outside every range that has an end.
    const isInside = (card) => {
      if (!measure || (from.value === "" && to.value === "")) return true;
      const value = Number.parseFloat(card.dataset[measure.value]);
      return (from.value === "" ? value === value : value >= Number(from.value)) && (to.value === "" || value <= Number(to.value));
    };

    const filter = () => {
      const flag = form.elements.flag?.value;
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const card of cards) {
        const fits = (!flag || card.dataset.flag === flag) && words.every((word) => text.get(card).includes(word))
          && hasFlags(card) && isInside(card);
        card.hidden = !fits;
        count += fits;
      }
      const [some, all] = [count, cards.length].map((number) => number.toLocaleString("en"));
      document.getElementById("shown").textContent = `${some} of ${all} images shown`;
      document.getElementById("nothing").hidden = count > 0;
    };

    // Cards without the number come last, in either direction.
    const compare = (key, sign) => (one, other) => {
      if (key === "name") return sign * byName(one.dataset.name, other.dataset.name);
      const [first, second] = [one.dataset[key], other.dataset[key]];
      if (first === undefined || second === undefined) return (first === undefined) - (second === undefined);
      return sign * (first - second);
    };

    const order = () => {
      const reversed = reverse.getAttribute("aria-pressed") === "true";
      list.append(...cards.sort(compare(sort.value, reversed ? -1 : 1)));
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    search.addEventListener("input", filter);
    for (const choice of form.querySelectorAll("[name=flag]")) choice.addEventListener("change", filter);
    for (const choice of organs) choice.addEventListener("change", filter);
    for (const field of range) field?.addEventListener("input", filter);
    sort.addEventListener("change", order);
    reverse.addEventListener("click", () => {
      reverse.setAttribute("aria-pressed", String(reverse.getAttribute("aria-pressed") !== "true"));
      order();
    });
    document.getElementById("reset").addEventListener("click", () => {
      search.value = "";
      for (const field of [...organs, from, to]) if (field) field.value = "";
      if (form.elements.flag) form.elements.flag.value = "";
      filter();
      search.focus();
    });
    form.hidden = false;
    filter();
    order();
  }
}
