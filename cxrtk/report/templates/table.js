// Tables whose headings sort them: up, then down. Cells without a value come last.
{
  const valueOf = (row, column) => row.cells[column].dataset.value;

  const compare = (column, numeric, sign) => (one, other) => {
    const [first, second] = [valueOf(one, column), valueOf(other, column)];
    if (first === undefined || second === undefined) return (first === undefined) - (second === undefined);
    return sign * (numeric ? first - second : first.localeCompare(second, "en", { numeric: true }));
  };

  for (const table of document.querySelectorAll(".sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      heading.querySelector("button").addEventListener("click", () => {
        const up = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const numeric = heading.classList.contains("numeric");
        body.append(...[...body.rows].sort(compare(column, numeric, up ? 1 : -1)));
      });
    });
    // A click anywhere in a row opens what its first cell opens.
    table.tBodies[0].addEventListener("click", (event) => {
      if (!event.target.closest("button") && !getSelection().toString()) {
        event.target.closest("tr").querySelector(".open-link")?.click();
      }
    });
  }
}
